# frozen_string_literal: true

# What a mold of `swarm check` does beyond its boot: it boots the rest, as the workers would, and asks Redis
# through the application's own client. It must not start Sidekiq, and writes nothing to Redis.

require_relative "application"
require_relative "facts"
require_relative "failure"
require_relative "steps"

module Sidekiq
  module Swarm
    # The look at a booted mold.
    class Check
      # How long Redis may take. A thread waits, since a look-up of a name in C cannot be interrupted.
      ANSWER_S = 10
      # A text between "://" and "@" is a user's name and password.
      CREDENTIALS = %r{://[^\s"'/]*@}

      def initialize(application, answer_s = ANSWER_S)
        @application = application
        @answer_s = answer_s
      end

      # Adds to a mold's facts those of the rest and of Redis; threads and sockets stay those at the fork.
      # Returns a Hash by the names of struct wire_facts. Raises what the application raises.
      def complete(facts)
        facts = boot_rest(facts) unless @application.booted?
        facts.merge(bundler: Failure.clean(bundler)).merge(Steps.measure("redis") { redis })
      end

      private

      # What the workers would boot, with the index of the first.
      def boot_rest(facts)
        Application.announce_index(@application.options[:index])
        @application.boot.merge(facts, Facts.of_process.slice(:hooks))
      end

      def bundler
        return "" unless defined?(::Bundler::VERSION) && ENV["BUNDLE_GEMFILE"]

        "Bundler #{::Bundler::VERSION}, #{ENV.fetch("BUNDLE_GEMFILE")}, #{Gem.loaded_specs.size} gems"
      end

      def redis
        asking = Thread.new { ask }
        asking.report_on_exception = false
        asking.join(@answer_s) ? asking.value : error("no answer within #{@answer_s} s")
      rescue StandardError, ScriptError => e
        error("#{e.class}: #{e.message}")
      end

      # What Sidekiq asks at its own start, after a PING.
      def ask
        config = @application.adapter.config
        started = microseconds
        config.redis(&:ping)
        took = microseconds - started
        info = config.redis_info
        { redis_us: took, redis_version: Failure.clean(info["redis_version"]),
          redis_policy: Failure.clean(info["maxmemory_policy"]) }
      end

      def error(text)
        { redis_error: Failure.clean(text).gsub(CREDENTIALS, "://") }
      end

      def microseconds
        Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
      end
    end
  end
end
