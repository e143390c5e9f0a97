# frozen_string_literal: true

# What a mold does in Ruby: load what is to be shared, warm it, run before_fork, leave nothing open, prepare
# the heap. It must not fork: C does, from this state.

require_relative "application"
require_relative "eager_load"
require_relative "facts"
require_relative "failure"
require_relative "hygiene"
require_relative "pools"
require_relative "prepare"
require_relative "steps"
require_relative "strict_fork"
require_relative "warm"

module Sidekiq
  module Swarm
    # The process that workers are forked from.
    class Mold
      def initialize(application, options)
        @application = application
        @options = options
      end

      # Loads, warms, runs the hooks, closes, looks, prepares. Returns the facts. The heap comes last: what is
      # made after it lies in each worker's way.
      def boot
        facts = load
        warm if @application.booted?
        run_hooks if @options[:fork_hooks]
        facts = facts.merge(be_alone)
        Failure.during("prepare") { Steps.measure("prepare") { Prepare.run(@options.fetch(:prepare, :full)) } }
        facts
      end

      # Before each fork: closes connections that were opened since the last one, and empties what is buffered:
      # the worker's copy of a buffer would be written a second time. Raises StrictForkError where strictness is
      # asked for and a thread has appeared.
      def settle
        leave_nothing_open
        StrictFork.refuse(threads: Hygiene.threads.join("\n")) if @options[:strict_fork]
      end

      private

      def load
        @application.load_file(@options[:preboot]) if @options[:preboot]
        case @options[:preload]
        when :app then return @application.boot
        when :gems then @application.load_gems
        end
        Facts.of_ruby
      end

      # The hooks of warming are run after everything is loaded, and before before_fork, which closes what the
      # application, or a job of the warm-up, has opened.
      def warm
        EagerLoad.run if @options[:eager_load]
        Warm.new(@application.adapter).run if @options[:warm]
      end

      def run_hooks
        Failure.during("before_fork") do
          Steps.measure("before_fork") { Swarm.hooks.run(:before_fork) }
        end
      end

      def leave_nothing_open
        Pools.close(@application.adapter)
        $stdout.flush
        $stderr.flush
      end

      # Returns what is alive all the same.
      def be_alone
        Failure.during("prepare") do
          Steps.measure("rehearse") { @application.adapter.rehearse } if @application.booted?
          Steps.measure("pools") { leave_nothing_open }
        end
        Steps.measure("hygiene") { Facts.of_process }.tap do |facts|
          Failure.during("strict_fork") { StrictFork.refuse(facts) } if @options[:strict_fork]
        end
      end
    end
  end
end
