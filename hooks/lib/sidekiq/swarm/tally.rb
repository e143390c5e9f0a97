# frozen_string_literal: true

# Server middleware that counts jobs on the worker's board: started, done, failed, and so busy. It must
# not touch the job, nor cost a system call.

module Sidekiq
  module Swarm
    # Counts one job.
    class Tally
      # Puts it first in each chain: all the application's own middleware is part of the job.
      def self.install(adapter)
        adapter.layout.each_chain { |chain| chain.prepend(self) }
      end

      # Sidekiq's middleware call. A job that was skipped (JobRetry::Skip, also what an interrupted
      # iteration raises) has not failed.
      def call(_job, _payload, _queue)
        Native.job_started
        done = false
        result = yield
        done = true
        result
      rescue Sidekiq::JobRetry::Skip
        done = true
        raise
      ensure
        done ? Native.job_done : Native.job_failed
      end
    end
  end
end
