# frozen_string_literal: true

# Sidekiq from 7.0 on: a configuration object with capsules, each with queues, threads and a Redis
# pool of its own. Pools and chains have no public reader that does not make them: the instance
# variables are read here and nowhere else.

require_relative "../redis_address"

module Sidekiq
  module Swarm
    class Adapter
      # Queues, threads and pools by capsule.
      class Capsules
        def initialize(config)
          @config = config
        end

        # What has queues and pools of its own.
        def owners
          capsules
        end

        # Names in the order of fetching, each once.
        def queues
          capsules.flat_map(&:queues).uniq
        end

        def concurrency
          @config.total_concurrency
        end

        # The Redis pools that exist: the configuration's own, then one per capsule that was used.
        def pools
          [@config, *capsules].filter_map { |owner| owner.instance_variable_get(:@redis) }
        end

        # A capsule's pool has the size of the capsule at that time: each worker makes it anew, or an
        # after_fork hook that raises the concurrency meets "Pool size too small".
        def forget_pools
          capsules.each { |capsule| capsule.instance_variable_set(:@redis, nil) }
        end

        # Where Redis is, without user and password.
        def redis
          RedisAddress.of(@config.instance_variable_get(:@redis_config) || {})
        end

        # Yields each chain of server middleware that a job may pass: a capsule that was asked for its chain
        # has a copy, the others copy the configuration's later.
        def each_chain(&block)
          @config.server_middleware(&block)
          copies = capsules.filter_map { |capsule| capsule.instance_variable_get(:@server_chain) }
          copies.each(&block)
        end

        private

        def capsules
          @config.capsules.values
        end
      end
    end
  end
end
