# frozen_string_literal: true

# The registry of fork hooks: it keeps blocks in order and runs them. It must not know when they run.

require_relative "hook_error"

module Sidekiq
  module Swarm
    # The fork hooks of an application, by kind, in the order in which they were registered.
    class Hooks
      KINDS = %i[before_warmup warmup before_fork before_refork after_fork].freeze

      def initialize
        @blocks = KINDS.to_h { |kind| [kind, []] }
      end

      # Registers a block. Raises ArgumentError where none was given.
      def add(kind, block)
        raise ArgumentError, "Sidekiq::Swarm.#{kind} needs a block" unless block

        @blocks.fetch(kind) << block
        nil
      end

      # Runs the blocks of a kind with the arguments they take, then `more` of them: blocks that were
      # registered elsewhere. Whatever a block raises goes on, with its place noted in HookError.
      def run(kind, *arguments, more: [])
        [*@blocks.fetch(kind), *more].each do |block|
          HookError.noting(self.class.place(block)) { call(block, arguments) }
        end
        nil
      end

      # The places of the blocks of a kind, as "file:line".
      def places(kind)
        @blocks.fetch(kind).map { |block| self.class.place(block) }
      end

      # Where a block was written, as "file:line", or "unknown" for one made in C.
      def self.place(block)
        block.source_location&.join(":") || "unknown"
      end

      private

      # A lambda without parameters is a valid hook for sidekiq-process_manager, which gives none.
      def call(block, arguments)
        return block.call(*arguments) if !block.lambda? || block.arity.negative?

        block.call(*arguments.first(block.arity))
      end
    end
  end
end
