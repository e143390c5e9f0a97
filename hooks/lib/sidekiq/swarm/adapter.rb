# frozen_string_literal: true

# Sidekiq's command line object as swarm uses it. It owns the differences between Sidekiq's versions,
# chosen by what the loaded one can do, never by its version number; where queues, threads and pools
# are is a class of adapter/ for each. No other file asks what a Sidekiq can do. Sidekiq must be loaded
# before an Adapter is made.

require_relative "adapter/capsules"
require_relative "adapter/run_end"
require_relative "adapter/single"
require_relative "keepsake"

module Sidekiq
  module Swarm
    # The loaded Sidekiq.
    class Adapter
      attr_reader :layout

      # What the application's `configure_server` blocks are given, as soon as Sidekiq is loaded: the
      # configuration, or the module Sidekiq itself in 6.5. Nil before.
      def self.configuration
        return Sidekiq.default_configuration if Sidekiq.respond_to?(:default_configuration)

        Sidekiq if Sidekiq.respond_to?(:[])
      end

      def initialize(cli = Sidekiq::CLI.instance)
        @cli = cli
      end

      # Hands the arguments to Sidekiq's own parser. Raises what it raises; an option it does not know is
      # OptionParser::InvalidOption, a missing application ends by SystemExit.
      def parse(arguments)
        @cli.parse(arguments.dup)
        @layout = config.respond_to?(:capsules) ? Capsules.new(config) : Single.new(config)
      end

      # Loads the application and nothing else; private in every version.
      def boot_application
        @cli.send(:boot_application)
      end

      # Asks Redis what Sidekiq asks at the start of each worker. The answer is of no use; that the code for
      # it has run once before the fork is: it is cold in no worker then. A Redis that does not answer is
      # the workers' news.
      def rehearse
        config.redis_info
      rescue StandardError
        nil
      end

      # Runs Sidekiq without booting again and, where it would, without Process.warmup.
      def run
        @cli.run(**run_arguments)
      end

      # The configuration as it is now, before a worker's own hooks and its run have changed it: events are cleared
      # when they are fired, options are frozen. Keepsake#restore brings it back.
      def keep
        chains = [].tap { |found| layout.each_chain { |chain| found << chain } }
        Keepsake.new(Sidekiq, config, *layout.owners, *chains)
      end

      # Leaves nothing of a run that has ended by exit(0): a worker that becomes a mold.
      def retire
        RunEnd.new(@cli).run
      end

      # Sidekiq::Config, or the module Sidekiq itself in 6.5: both answer to [], on, server_middleware.
      def config
        @cli.config
      end

      def environment
        @cli.environment
      end

      # What boot_application does first; Bundler's groups are chosen before it.
      def announce_environment
        ENV["RACK_ENV"] = ENV["RAILS_ENV"] = environment
      end

      def timeout_ms
        (config[:timeout] * 1000).round
      end

      def tag
        config[:tag].to_s
      end

      private

      def run_arguments
        known = @cli.method(:run).parameters.map(&:last)
        { boot_app: false, warmup: false }.slice(*known)
      end
    end
  end
end
