# frozen_string_literal: true

require "fileutils"
require "tmpdir"
require_relative "../../test/integration/support/redis_server"
require_relative "broker"
require_relative "caller"
require_relative "options"
require_relative "own_application"
require_relative "probe"
require_relative "report"
require_relative "results"
require_relative "rounds"
require_relative "user_application"

module Cow
  # `script/bench cow`: sets up, runs what is asked for, writes the report, leaves nothing behind.
  class Command
    # A signal arrived.
    class Interrupted < StandardError; end

    SIGNALS = %w[INT TERM HUP].freeze
    REPORT = File.expand_path("../report", __dir__)
    PROBE = File.expand_path("cow-probe", File.dirname(Service::BINARY))
    # Where results go that are not to be kept.
    ASIDE = File.expand_path("../../tmp/cow", __dir__)

    def self.run(arguments)
      SIGNALS.each { |name| trap(name) { raise Interrupted, "interrupted by #{name}; what was measured is kept" } }
      $stdout.sync = true
      command = new(arguments)
      command.call
    rescue Interrupted, Trouble, Deadline::Missed, RedisClient::Error => e
      abort "bench: #{e.message}"
    ensure
      SIGNALS.each { |name| trap(name, "IGNORE") }
      command&.destroy
    end

    def initialize(arguments)
      @caller = Caller.new
      @options = Options.new(arguments, directory: @caller.directory, environment: @caller.environment)
    end

    def call
      return puts(@options.help) if @options.help

      @folder = Dir.mktmpdir("swarm-cow")
      @application = application
      @application.check
      results = Results.new(results_path, machine: Machine.facts.merge(@application.facts), fresh: @options.fresh?)
      @broker = broker
      @application.prepare(@broker)
      measure(results)
      report(results)
    end

    # Ends and removes what is left.
    def destroy
      @rounds&.destroy
      @broker&.clear if @options&.redis && @broker
      @broker&.close
      @redis&.destroy
      FileUtils.rm_rf(@folder) if @folder
    end

    private

    def report(results)
      if results.runs.any?
        Report.new(report_folder, @application.title).write
        puts "The report: #{File.join(report_folder, "README.md")}"
      end
      raise Trouble, "not measured: #{@rounds.failed.join("; ")}" if @rounds.failed.any?
    end

    def application
      return OwnApplication.new(@folder) unless @options.app

      UserApplication.new(@options, @caller.environment, @folder)
    end

    def broker
      return Broker.new(@options.redis).tap(&:check_empty) if @options.redis

      @redis = RedisServer.new.start
      Broker.new(@redis.url)
    end

    def measure(results)
      @rounds = Rounds.new(results, application: @application, broker: @broker, folder: @folder,
                                    probe: Probe.new(PROBE))
      rows.each { |name, row| @rounds.call(name, row) }
    end

    # The suites as they are to be run.
    def rows
      return { "app" => Suites::APP.merge(quick).merge(changes).merge(kinds: [@application.kind]) } if @options.app

      @options.suites.to_h { |name| [name, Suites::ALL.fetch(name).merge(quick).merge(changes)] }
    end

    def quick
      @options.quick? ? Suites::QUICK : {}
    end

    def changes
      @options.changes
    end

    def results_path
      File.join(report_folder, "results-#{RUBY_VERSION}.json")
    end

    def report_folder
      @options.report(by_default)
    end

    def by_default
      return File.join(ASIDE, File.basename(@options.app, ".rb")) if @options.app

      @options.quick? ? File.join(ASIDE, "quick") : REPORT
    end
  end
end
