# frozen_string_literal: true

# What an application requires to register fork hooks.
#
# It owns the hooks' public names. Under plain Sidekiq, in a console or in a web server the hooks are
# recorded and never run. It must not require Sidekiq, start a thread, open anything or change what
# the process does.

require_relative "swarm/version"
require_relative "swarm/hooks"
require_relative "swarm/fork_event"

module Sidekiq
  # Hooks for applications that run under swarm.
  module Swarm
    class << self
      # Runs the block once in each mold, after the application and all that it loads at once are there, before
      # anything is warmed: load here what is otherwise loaded at its first use. A block that raises fails the
      # boot.
      def before_warmup(&block)
        hooks.add(:before_warmup, block)
      end

      # Runs the block once in each mold, before before_fork, with an object whose job(SomeJob, *arguments)
      # works one job right there: what the first jobs load and build is then shared by all workers. A job that
      # fails is told and the boot goes on; a block that raises fails the boot.
      def warmup(&block)
        hooks.add(:warmup, block)
      end

      # Runs the block once in each mold, after the application has booted and was warmed, before the first fork.
      # Blocks run in the order in which they were given. A block that raises fails the boot.
      def before_fork(&block)
        hooks.add(:before_fork, block)
      end

      # Runs the block in a worker that has ended its Sidekiq and becomes the next mold (--refork-after), before the
      # before_fork blocks: end here the threads and close the connections that the application keeps in a
      # worker. A block that raises ends the re-fork, and nothing else.
      def before_refork(&block)
        hooks.add(:before_refork, block)
      end

      # Runs the block in each worker, before Sidekiq starts in it. It is given the worker's index,
      # an Integer that is also in ENV as SWARM_INDEX. A block that raises ends that worker.
      def after_fork(&block)
        hooks.add(:after_fork, block)
      end

      # The registry that the mold and its workers run.
      def hooks
        @hooks ||= Hooks.new
      end
    end
  end
end

# So that `config.on(:fork)` is a known event in a console or a plain Sidekiq, too.
Sidekiq::Swarm::ForkEvent.declare
