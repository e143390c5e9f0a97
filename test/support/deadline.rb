# frozen_string_literal: true

# Waiting for a fact. The only place of the tests that lets time pass; a pause alone never means anything.
module Deadline
  # What was waited for did not come.
  class Missed < StandardError; end

  PAUSE_S = 0.01

  module_function

  # Calls the block until it returns something true, and returns that.
  # Raises Missed, with `what` (a text, or what its call gives) in its text, after `within` seconds.
  def wait(what, within: 30)
    limit = now + within
    loop do
      fact = yield
      return fact if fact
      raise Missed, "waited #{within} s for #{what.respond_to?(:call) ? what.call : what}" if now > limit

      # Nothing tells of facts in /proc, in a log or in Redis.
      sleep PAUSE_S
    end
  end

  # Seconds of the monotonic clock.
  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
