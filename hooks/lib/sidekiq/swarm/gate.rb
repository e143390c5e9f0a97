# frozen_string_literal: true

# The run gate. Who is let through at once goes on as it is. Who has to wait, as a spare does, uses the time: it
# goes the way of a job a few times, so that the pages that it will write to are its own when it is let through,
# and its first job does not wait for hundreds of them to be copied. It must leave no trace in Sidekiq or on the
# board, and ask neither Redis nor the application.

require_relative "practice"
require_relative "reset"

module Sidekiq
  module Swarm
    # Waits for the master's word.
    class Gate
      # A worker that somebody needs is let through before that.
      PATIENCE_MS = 500
      JOBS = 20
      # Threads, as many as Sidekiq starts by default.
      THREADS = 5

      # The configuration is Sidekiq's. With `warm` false nothing is done but to wait.
      def initialize(config, warm: true)
        @config = config
        @warm = warm
      end

      # Returns when the gate is open.
      def pass
        return if @warm && Native.wait_run_for(PATIENCE_MS)

        practise if @warm
        Native.wait_run
      end

      private

      # Whatever it raises, a worker that has not practised is a good worker.
      def practise
        Practice.new(@config, Sidekiq::Middleware::Chain.new(@config)).work_nothing(JOBS)
        Array.new(THREADS) { Thread.new { Thread.current.object_id } }.each(&:join)
      rescue StandardError, ScriptError, SystemStackError
        nil
      ensure
        Reset.forget_counters
      end
    end
  end
end
