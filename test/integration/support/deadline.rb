# frozen_string_literal: true

# Waiting for a fact. The only place of the integration tests that lets time pass.
module Deadline
  # What was waited for did not come.
  class Missed < StandardError; end

  POLL_S = 0.02

  class << self
    # Calls the block until it gives something true, which is returned. Raises Missed with the text
    # (or what the text's call gives) after so many seconds.
    def wait(seconds, what = "the fact")
      deadline = now + seconds
      loop do
        fact = yield
        return fact if fact

        raise Missed, "waited #{seconds} s for #{what.respond_to?(:call) ? what.call : what}" if now > deadline

        # Nothing tells of facts in /proc, in a log or in Redis.
        IO.select(nil, nil, nil, POLL_S)
      end
    end

    # Seconds of a clock that never goes back.
    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
