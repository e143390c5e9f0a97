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
          close_others if defined?(::ConnectionPool)
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

        # Pools of the gem connection_pool that the application made. The gem from 2.4 on empties them in each
        # worker, earlier ones do not; the mold's own connections would stay open either way. As there, what has
        # no close is dropped, and a pool that is not to be emptied is left alone.
        def close_others
          other_pools.each { |pool| pool.reload { |one| one.close if one.respond_to?(:close) } if emptied?(pool) }
        end

        # Only later versions know their pools. The heap is searched once: before each fork it would take long.
        def other_pools
          return @found_pools ||= ObjectSpace.each_object(::ConnectionPool).to_a unless known_pools?

          ::ConnectionPool.class_eval { const_get(:INSTANCES) }.values
        end

        def known_pools?
          ::ConnectionPool.const_defined?(:INSTANCES)
        end

        def emptied?(pool)
          return false unless pool.respond_to?(:reload)
          return false if pool.respond_to?(:auto_reload_after_fork) && !pool.auto_reload_after_fork

          !pool.respond_to?(:idle) || pool.idle.positive?
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
