# frozen_string_literal: true

# A worker whose Sidekiq has ended becomes a mold: nothing of the worker is left that its forks would inherit.
# It owns the order of the steps. What cannot be brought to rest is refused, by an exception: the process then
# leaves, and the mold that stands by goes on. It must not end what the application has started: that is its own
# business, in before_refork.

require_relative "facts"
require_relative "failure"
require_relative "hygiene"
require_relative "pools"
require_relative "prepare"
require_relative "refork_refused"
require_relative "steps"

module Sidekiq
  module Swarm
    # The way from a worker to a mold.
    class Promotion
      # `kept` is what Adapter#keep returned before the worker ran its own hooks.
      def initialize(application, kept)
        @application = application
        @adapter = application.adapter
        @kept = kept
      end

      # Returns the facts of the mold. Raises what a hook raised, or ReforkRefused.
      def run
        Native.leave_work
        Failure.during("promote") do
          Steps.measure("sidekiq") { @adapter.retire }
          run_hooks
          Steps.measure("pools") { let_go }
          refuse
          Steps.measure("prepare") { Prepare.run(@application.options.fetch(:prepare, :full)) }
        end
        Facts.of(@adapter).merge(Facts.of_process)
      end

      private

      def run_hooks
        Steps.measure("before_refork") { Swarm.hooks.run(:before_refork) }
        Steps.measure("before_fork") { Swarm.hooks.run(:before_fork) } if @application.options[:fork_hooks]
      end

      # Each pool by who has it, so before that is forgotten.
      def let_go
        Pools.close(@adapter)
        @kept.restore
        $stdout.flush
        $stderr.flush
      end

      def refuse
        left = { "thread" => Hygiene.threads, "socket" => Hygiene.sockets }.flat_map do |kind, entries|
          entries.map { |entry| "#{kind} #{entry}" }
        end
        raise ReforkRefused.of(left) if left.any?
      end
    end
  end
end
