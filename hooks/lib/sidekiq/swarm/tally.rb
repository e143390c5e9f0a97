# frozen_string_literal: true

# Server middleware that notes each job on the worker's board: what it is, when it began, how it ended. It
# must not touch the job, nor cost a system call.

require_relative "job_text"

module Sidekiq
  module Swarm
    # Notes one job after another.
    class Tally
      # For the measurement of what the board costs (script/bench tax), and for nothing else: "1" leaves the
      # middleware out, and swarm knows of no job then.
      WITHOUT = "SWARM_BENCH_WITHOUT_TALLY"

      class << self
        # Puts it first in each chain: all the application's own middleware is part of the job.
        def install(adapter)
          return if ENV[WITHOUT] == "1"

          adapter.layout.each_chain { |chain| chain.prepend(self) }
        end

        # Sidekiq makes a middleware for each job; this one keeps nothing of a job, so that one is enough.
        def new
          @new ||= super
        end
      end

      def initialize
        @text = JobText.new
        freeze
      end

      # Sidekiq's middleware call. The class of an ActiveJob job is what it wraps. A job that was skipped
      # (JobRetry::Skip, also what an interrupted iteration raises) has not failed.
      def call(_job, payload, queue)
        ticket = Native.job_started(payload["wrapped"] || payload["class"], payload["jid"], queue, @text.of(payload))
        result = yield
        done = true
        result
      rescue Sidekiq::JobRetry::Skip
        done = true
        raise
      ensure
        done ? Native.job_done(ticket) : Native.job_failed(ticket)
      end
    end
  end
end
