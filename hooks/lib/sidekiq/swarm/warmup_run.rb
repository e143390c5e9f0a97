# frozen_string_literal: true

# What a `warmup` block is given. It must not end the boot for a job that fails: a mold without that warmth
# is a good mold.

require_relative "failure"
require_relative "practice"
require_relative "practice_payload"

module Sidekiq
  module Swarm
    # Works jobs in the mold.
    class WarmupRun
      # The number of jobs that have ended well, and of those that have failed.
      attr_reader :done, :failed

      def initialize(practice)
        @practice = practice
        @told = {}
        @done = @failed = 0
      end

      # Works one job of that class in this process, through the application's server middleware, counted
      # nowhere. Returns whether it ended well; a failure is told once per class and kind of exception. Raises
      # ArgumentError where the class is none of Sidekiq's or ActiveJob's.
      def job(klass, *arguments)
        error = @practice.work(PracticePayload.of(klass, arguments))
        return tell(klass, error) if error

        @done += 1
        true
      end

      private

      def tell(klass, error)
        @failed += 1
        key = [klass, error.class]
        Failure.report("warmup_job", error) unless @told[key]
        @told[key] = true
        false
      end
    end
  end
end
