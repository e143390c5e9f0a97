# frozen_string_literal: true

# Works jobs in the mold, one by one, through Sidekiq's own processor: its JSON, its reloader, the chain of
# middleware. There is no public way to work one job without fetching it: this file holds the exceptions. It
# must leave no trace in Sidekiq: no retry, no death handler, no count, no line of its job log.

require_relative "practice_payload"
require_relative "reset"

module Sidekiq
  module Swarm
    # A processor that fetches nothing.
    class Practice
      # A failed job is the business of who asked for it: neither retried nor told to death handlers.
      module WithoutRetry
        def global(_text, _queue)
          yield
        end

        def local(_instance, _text, _queue)
          yield
        end
      end

      # Hundreds of "start" and "done" of jobs that nobody sent would only mislead.
      module WithoutLines
        def call(_job, _queue)
          yield
        end
      end

      # The configuration is Sidekiq's; the chain is what jobs pass, by default the application's.
      def initialize(config, chain = nil)
        owner = config.respond_to?(:capsules) ? Sidekiq::Capsule.new("warm-up", config) : config
        @chain = chain || owner.server_middleware
        @processor = Sidekiq::Processor.new(owner) { nil }
        part(:@retrier).extend(WithoutRetry)
        part(:@job_logger).extend(WithoutLines)
      end

      # Works the job of this payload. Returns what it raised, or nil. A job that is skipped has not failed.
      def work(payload)
        text = Sidekiq.dump_json(payload)
        job = Sidekiq.load_json(text)
        @processor.send(:dispatch, job, job["queue"], text) { |instance| perform(instance, job) }
        nil
      rescue Sidekiq::JobRetry::Skip
        nil
      rescue StandardError, ScriptError, SystemStackError => e
        e
      end

      # Works so many jobs that do nothing.
      def work_nothing(count)
        count.times { |number| work(PracticePayload.of(nothing_job, [number, { "of" => count }])) }
      end

      # Forgets what Sidekiq has counted: the workers would tell it once each.
      def self.forget
        Reset.run
        return unless defined?(Sidekiq::Metrics::ExecutionTracker)

        ObjectSpace.each_object(Sidekiq::Metrics::ExecutionTracker) { |tracker| tracker.send(:reset) }
      end

      private

      # Sidekiq is loaded by the application, later than this file.
      def nothing_job
        return NothingJob if Practice.const_defined?(:NothingJob, false)

        Practice.const_set(:NothingJob, Class.new do
          include Sidekiq::Job

          define_method(:perform) { |*| nil }
        end)
      end

      def part(name)
        @processor.instance_variable_get(name)
      end

      def perform(instance, job)
        @chain.invoke(instance, job, job["queue"]) { @processor.send(:execute_job, instance, job["args"]) }
      end
    end
  end
end
