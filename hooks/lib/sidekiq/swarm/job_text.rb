# frozen_string_literal: true

# The JSON of a job, byte for byte as it stands in Redis. A middleware is given what was parsed from it, and
# writing that again is slower than the whole of the board, may differ in a byte from what Redis holds, and
# would show what other middleware has changed. There is no public way to the text: Sidekiq keeps it for its
# web page, in Sidekiq::Processor::WORK_STATE by the thread's id, before it calls the middleware (6.5 to 8.1).
# This file holds that exception. It reads the table without its lock, since a fetch from a Hash is one step
# under the VM's lock; dup, the only reader there is, copies it all. It must not write there, nor raise.

module Sidekiq
  module Swarm
    # Finds the text of a job. Sidekiq must be loaded before one is made.
    class JobText
      NOTHING = {}.freeze

      def initialize
        works = Processor::WORK_STATE.instance_variable_get(:@work_state) if defined?(Processor::WORK_STATE)
        @works = works.is_a?(Hash) ? works : NOTHING
      end

      # The text that this payload was parsed from. A job that is performed inline inside of another one has
      # none, and what stands there is the outer job's: the id tells. Then it is written anew, or nil if that
      # cannot be done.
      def of(payload)
        work = @works[Thread.current[:sidekiq_tid]]
        if work
          text = work[:payload]
          return text if Native.holds?(text, payload["jid"])
        end
        Sidekiq.dump_json(payload)
      rescue StandardError
        nil
      end
    end
  end
end
