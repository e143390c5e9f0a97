# frozen_string_literal: true

# Server middleware that notes each job on the worker's board: what it is, when it began, how it ended. It
# must not touch the job, nor cost a system call.

require_relative "job_text"
require_relative "tally_entry"

module Sidekiq
  module Swarm
    # Notes one job after another.
    class Tally
      # Puts it first in each chain: all the application's own middleware is part of the job. It keeps nothing
      # of a job, so that one is enough.
      def self.install(adapter)
        tally = new
        adapter.layout.each_chain { |chain| TallyEntry.prepend(chain, tally) }
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
