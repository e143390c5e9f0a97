# frozen_string_literal: true

# Times the steps of a boot and tells each one. It must not decide what a step is.

module Sidekiq
  module Swarm
    # The clock of a boot.
    module Steps
      # Runs the block as the named step and tells how long it took. Returns the block's value.
      def self.measure(name)
        started = now_ms
        result = yield
        Native.step(name, now_ms - started)
        result
      end

      # Milliseconds of a clock that never goes back.
      def self.now_ms
        Process.clock_gettime(Process::CLOCK_MONOTONIC, :millisecond)
      end
    end
  end
end
