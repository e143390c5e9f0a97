# frozen_string_literal: true

# deadline.rb: waits for facts. It owns the only pauses of these tests; a pause alone never means anything.
module Deadline
  # A fact did not come true in time.
  class Missed < StandardError; end

  PAUSE_S = 0.01

  module_function

  # Calls the block until it returns something true, and returns that.
  # Raises Missed, with `what` in its text, after `within` seconds.
  def wait(what, within: 30)
    limit = now + within
    loop do
      fact = yield
      return fact if fact
      raise Missed, "#{what} did not happen within #{within} s" if now > limit

      sleep PAUSE_S
    end
  end

  # Seconds of the monotonic clock.
  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
