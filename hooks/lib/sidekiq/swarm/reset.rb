# frozen_string_literal: true

# What a worker must not share with its mold and its siblings. Everything here is memoized state that
# was harmless in one process and is wrong in a copy of it. Sidekiq offers no public way: this file holds
# the exceptions.

module Sidekiq
  module Swarm
    # Makes a fork a process of its own.
    module Reset
      class << self
        # Identity and nonce (else all workers write one heartbeat row), the main thread's id, the counters
        # of jobs that were run in the mold, random numbers. Does nothing where Sidekiq is not loaded yet.
        def run
          Random.srand
          Thread.current["sidekiq_tid"] = nil
          return unless defined?(Sidekiq::CLI)

          forget_identity
          forget_counters
        end

        # Those of jobs that nobody has sent.
        def forget_counters
          return unless defined?(Sidekiq::Processor)

          Sidekiq::Processor::PROCESSED.reset
          Sidekiq::Processor::FAILURE.reset
          Sidekiq::Processor::WORK_STATE.clear
        end

        private

        # Sidekiq::Component from 6.5 on.
        def forget_identity
          %i[@@identity @@process_nonce].each do |name|
            Sidekiq::Component.remove_class_variable(name) if Sidekiq::Component.class_variable_defined?(name)
          end
        end
      end
    end
  end
end
