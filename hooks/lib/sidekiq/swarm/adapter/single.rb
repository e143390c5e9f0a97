# frozen_string_literal: true

# Sidekiq 6.5: one set of queues and threads, one Redis pool, the module Sidekiq as configuration.

require_relative "../redis_address"

module Sidekiq
  module Swarm
    class Adapter
      # Queues, threads and the pool of a Sidekiq without capsules.
      class Single
        def initialize(config)
          @config = config
        end

        # What has queues and pools of its own beside the configuration.
        def owners
          []
        end

        # Names in the order of fetching, each once.
        def queues
          @config[:queues].uniq
        end

        def concurrency
          @config[:concurrency]
        end

        # The Redis pool, if it exists.
        def pools
          [@config.instance_variable_get(:@redis)].compact
        end

        # The only pool may be the application's own: it stays.
        def forget_pools; end

        # Where Redis is, without user and password. The client knows; asking it does not connect.
        def redis
          @config.redis_pool.with do |client|
            client = client.redis if client.respond_to?(:namespace)
            address(client._client)
          end
        end

        # Yields each chain of server middleware that a job may pass.
        def each_chain(&block)
          @config.server_middleware(&block)
        end

        private

        # The client of the gem redis has its options; that of redis-client a configuration, which would ask
        # the sentinels for a host.
        def address(client)
          return RedisAddress.of(client.options) if client.respond_to?(:options)

          config = client.config
          config.respond_to?(:sentinels) ? "sentinel://#{config.name}" : RedisAddress.scrub(config.server_url)
        end
      end
    end
  end
end
