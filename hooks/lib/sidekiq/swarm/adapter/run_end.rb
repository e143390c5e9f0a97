# frozen_string_literal: true

# What Sidekiq's own run leaves behind in a process that lives on: threads, traps, counts that were not sent.
# Sidekiq expects to exit and offers no public way: this file holds the exceptions.

module Sidekiq
  module Swarm
    class Adapter
      # The end of a run, after launcher.stop and exit(0).
      class RunEnd
        # Every signal that some version traps.
        SIGNALS = %w[INT TERM TTIN TSTP USR2 INFO].freeze
        # Its threads, from 7.0 on with a prefix.
        THREADS = /\A(?:sidekiq\.|heartbeat\z|scheduler\z|processor\z)/
        # Threads that were told to end may be at their last lines.
        PATIENCE_S = 10

        def initialize(cli)
          @cli = cli
        end

        # Ends it.
        def run
          restore_traps
          end_heartbeat
          end_threads
          flush_metrics
          @cli.launcher = nil
        end

        private

        # Sidekiq's trap calls the one before it, which in a fork would be this one. It alone knows which that was.
        def restore_traps
          SIGNALS.each do |name|
            trap = Signal.trap(name, "DEFAULT")
            Signal.trap(name, former(trap) || "DEFAULT")
          rescue ArgumentError
            next # not a signal of this system
          end
        end

        def former(trap)
          return trap unless trap.is_a?(Proc)

          scope = trap.binding
          scope.local_variable_defined?(:old_handler) ? scope.local_variable_get(:old_handler) : trap
        end

        # It runs for ever, in every version.
        def end_heartbeat
          heartbeat = @cli.launcher&.instance_variable_get(:@thread)
          heartbeat&.kill
          heartbeat&.join
        end

        def end_threads
          until_s = now_s + PATIENCE_S
          Thread.list.each do |thread|
            thread.join([until_s - now_s, 0].max) if thread.name&.match?(THREADS) && thread != Thread.current
          end
        end

        # What the last heartbeat did not send; each fork would send it once more.
        def flush_metrics
          return unless defined?(Sidekiq::Metrics::ExecutionTracker)

          ObjectSpace.each_object(Sidekiq::Metrics::ExecutionTracker).to_a.each do |tracker|
            tracker.flush
          rescue StandardError
            next # it has emptied itself before it asked Redis
          end
        end

        def now_s
          Process.clock_gettime(Process::CLOCK_MONOTONIC)
        end
      end
    end
  end
end
