# frozen_string_literal: true

# Loads Sidekiq and the application, all of it or a part, through Sidekiq's own methods. It owns the
# order: sidekiq/cli first (else Sidekiq.server? is false and configure_server blocks are skipped), then
# the event :fork, the arguments, the application. It must not fork or run hooks.

require_relative "adapter"
require_relative "facts"
require_relative "failure"
require_relative "fork_event"
require_relative "pools"
require_relative "steps"
require_relative "tally"

module Sidekiq
  module Swarm
    # The application of this mold or worker.
    class Application
      attr_reader :adapter, :options

      # The options are those of Native.options.
      def initialize(options)
        @options = options
        @booted = false
      end

      # True once the application itself is loaded.
      def booted?
        @booted
      end

      # Boots everything. Returns the facts of a booted application.
      def boot
        Failure.during("boot") do
          load_sidekiq
          Steps.measure("application") { @adapter.boot_application }
          @booted = true
          Tally.install(@adapter)
          Facts.of(@adapter)
        end
      end

      # The boot of a worker that is nobody's fork.
      def boot_worker
        self.class.announce_index(@options[:index])
        boot
      end

      # Loads Sidekiq and Bundler's groups, those named in the options, else "default".
      def load_gems
        Failure.during("boot") do
          load_sidekiq
          Steps.measure("gems") { require_groups }
        end
      end

      # Loads a file of the user's, as `require` would with its path.
      def load_file(path)
        Failure.during("boot") do
          require_sidekiq
          Steps.measure("preboot") { require File.expand_path(path) }
        end
      end

      # Sidekiq's command line object, its arguments parsed. A second call does nothing.
      def load_sidekiq
        return if @adapter

        require_sidekiq
        adapter = Adapter.new
        Steps.measure("arguments") { adapter.parse(@options[:arguments]) }
        @adapter = adapter
      end

      # Puts the index of a worker where applications look for it.
      def self.announce_index(index)
        ENV["SWARM_INDEX"] = ENV["INDEX"] = index.to_s
      end

      private

      def require_sidekiq
        return if @required

        Steps.measure("sidekiq") { require "sidekiq/cli" }
        ForkEvent.declare
        @required = true
      end

      def require_groups
        require "bundler"
        @adapter.announce_environment
        Bundler.require(*groups) unless groups.empty?
      end

      def groups
        (@options[:preload_groups] || "default").split(",").map(&:strip).reject(&:empty?).map(&:to_sym)
      end
    end
  end
end
