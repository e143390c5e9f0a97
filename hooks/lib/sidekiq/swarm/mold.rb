# frozen_string_literal: true

# What a mold does in Ruby: load what is to be shared, run before_fork, leave nothing open, prepare the
# heap. It must not fork: C does, from this state.

require_relative "application"
require_relative "facts"
require_relative "failure"
require_relative "pools"
require_relative "prepare"
require_relative "steps"

module Sidekiq
  module Swarm
    # The process that workers are forked from.
    class Mold
      def initialize(application, options)
        @application = application
        @options = options
      end

      # Loads, runs the hooks, closes, prepares. Returns the facts.
      def boot
        facts = load
        run_hooks if @options[:fork_hooks]
        Failure.during("prepare") do
          Steps.measure("rehearse") { @application.adapter.rehearse } if @application.booted?
          Steps.measure("pools") { settle }
          Steps.measure("prepare") { Prepare.run }
        end
        facts.merge(Facts.of_process)
      end

      # Closes connections that were opened since the last call and empties what is buffered: the worker's
      # copy of a buffer would be written a second time.
      def settle
        Pools.close(@application.adapter)
        $stdout.flush
        $stderr.flush
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

      def run_hooks
        Failure.during("before_fork") do
          Steps.measure("before_fork") { Swarm.hooks.run(:before_fork) }
        end
      end
    end
  end
end
