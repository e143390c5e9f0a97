# frozen_string_literal: true

# Closes connections that a fork must not inherit: two processes on one connection read each other's
# answers. It leaves every pool usable. It must not open a connection or load a library.

module Sidekiq
  module Swarm
    # The connection pools known to swarm.
    module Pools
      class << self
        # Closes what is open in Sidekiq's and ActiveRecord's pools. The adapter may be nil. Costs
        # microseconds when nothing is open.
        def close(adapter)
          close_sidekiq(adapter.layout) if adapter
          close_active_record if defined?(::ActiveRecord::Base)
        end

        private

        # ConnectionPool#reload, unlike shutdown, leaves the pool usable (connection_pool from 2.2.4 on).
        def close_sidekiq(layout)
          layout.pools.each { |pool| pool.reload(&:close) }
          layout.forget_pools
        end

        # All handlers and roles. From Rails 7.1 on :all says so; earlier versions took one role only.
        # Checked connections are many times cheaper to count than to clear.
        def close_active_record
          pools = active_record_pools
          pools.each(&:disconnect!) if pools.any? { |pool| pool.connections.any? }
        end

        def active_record_pools
          handler = ::ActiveRecord::Base.connection_handler
          return handler.all_connection_pools unless handler.respond_to?(:each_connection_pool)

          handler.connection_pool_list(:all)
        end
      end
    end
  end
end
