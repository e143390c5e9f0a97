# frozen_string_literal: true

# The payload of a job that nobody has sent, as Sidekiq's client and ActiveJob's adapter make it, without
# client middleware, which may ask Redis. It must not push anything.

require "securerandom"

module Sidekiq
  module Swarm
    # Makes payloads for Practice.
    module PracticePayload
      # Options of a class that are about sending, not part of a payload.
      OF_THE_CLIENT = %w[class pool client_class].freeze
      WRAPPERS = %w[Sidekiq::ActiveJob::Wrapper ActiveJob::QueueAdapters::SidekiqAdapter::JobWrapper].freeze

      class << self
        # A Hash for a job of a class of Sidekiq's or ActiveJob's. Raises ArgumentError for anything else.
        def of(klass, arguments)
          raise ArgumentError, refusal(klass) unless klass.is_a?(Class) && klass.name
          return sidekiq(klass, arguments) if klass.respond_to?(:get_sidekiq_options) && !active_job?(klass)

          wrapper = active_job?(klass) ? find_wrapper : nil
          wrapper ? active(klass, wrapper, arguments) : raise(ArgumentError, refusal(klass))
        end

        private

        def refusal(klass)
          "run.job needs a class of Sidekiq's or ActiveJob's jobs, not #{klass.class == Class ? klass : klass.class}"
        end

        def active_job?(klass)
          defined?(::ActiveJob::Base) && klass <= ::ActiveJob::Base
        end

        # Where there is none the application works its ActiveJob jobs elsewhere.
        def find_wrapper
          WRAPPERS.each do |name|
            return Object.const_get(name)
          rescue NameError
            next
          end
          nil
        end

        def sidekiq(klass, arguments)
          options = klass.get_sidekiq_options.transform_keys(&:to_s).except(*OF_THE_CLIENT)
          options.merge("class" => klass.name, "args" => arguments, **common(options["queue"] || "default"))
        end

        def active(klass, wrapper, arguments)
          job = klass.new(*arguments)
          { "class" => wrapper.name, "wrapped" => klass.name, "args" => [job.serialize],
            **common(job.queue_name || "default") }
        end

        def common(queue)
          now = stamp
          { "queue" => queue.to_s, "jid" => SecureRandom.hex(12), "retry" => false, "created_at" => now,
            "enqueued_at" => now }
        end

        # Whole milliseconds from Sidekiq 8 on, seconds before.
        def stamp
          return Process.clock_gettime(Process::CLOCK_REALTIME) if Gem::Version.new(Sidekiq::VERSION).segments.first < 8

          Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond)
        end
      end
    end
  end
end
