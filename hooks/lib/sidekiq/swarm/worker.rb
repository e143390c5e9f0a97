# frozen_string_literal: true

# A worker's life in Ruby: become a process of its own, run after_fork, then Sidekiq's own run, with
# the gate at :startup; where the master asks for it, become a mold afterwards. It owns the order of these.
# It must not boot an application that the mold has booted, or let Sidekiq warm up (Process.warmup un-shares
# the heap that the mold prepared).

require_relative "application"
require_relative "failure"
require_relative "fork_event"
require_relative "gate"
require_relative "promotion"
require_relative "reset"

module Sidekiq
  module Swarm
    # The process that works on jobs.
    class Worker
      # The index is what SWARM_INDEX and INDEX become; facts are those of a worker that has booted by
      # itself, nil in a fork.
      def initialize(application, slot:, index:, generation:, facts: nil)
        @application = application
        @slot = slot
        @index = index
        @generation = generation
        @facts = facts
      end

      # Runs until Sidekiq leaves, by SystemExit. Returns the facts of a mold if it is to become one.
      def run
        become
        kept = @application.adapter.keep
        run_hooks if @application.options[:fork_hooks]
        listen
        run_sidekiq
        Promotion.new(@application, kept).run if @promoted
      end

      private

      def become
        Failure.during("boot") { Reset.run }
        Application.announce_index(@index)
        @facts = @application.boot unless @application.booted?
      end

      def run_hooks
        Failure.during("after_fork") do
          Swarm.hooks.run(:after_fork, @index, more: ForkEvent.blocks)
        end
      end

      # Registered last, so that what the application does at :startup is done when the worker says ready,
      # and at the other events (Sidekiq goes through them backwards) the master hears first.
      def listen
        config = @application.adapter.config
        config.on(:startup) { start }
        config.on(:quiet) { Native.quiet }
        config.on(:shutdown) { Native.stopping }
      end

      # In Sidekiq's main thread, its traps installed, no thread of its own started yet.
      def start
        Native.unblock_signals
        Native.ready(@facts)
        Gate.new(@application.adapter.config, warm: @application.options[:warm]).pass
        @started = true
      end

      def run_sidekiq
        @application.adapter.run
      rescue SignalException
        raise
      rescue SystemExit => e
        return @promoted = true if @started && e.success? && Native.promoted?

        Failure.report("startup", e) unless @started
        raise
      rescue Exception => e # rubocop:disable Lint/RescueException
        Failure.report(@started ? "run" : "startup", e)
        raise
      end
    end
  end
end
