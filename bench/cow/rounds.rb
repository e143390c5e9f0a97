# frozen_string_literal: true

require "fileutils"
require "open3"
require_relative "run"
require_relative "suites"

module Cow
  # Runs the cases of a suite in turns, so that what happens on the machine hits all alike, and stores each result.
  class Rounds
    # A run that is void is done again, as often as this.
    TRIES = 3

    def initialize(results, application:, broker:, folder:, probe:)
      @results = results
      @tools = { application: application, broker: broker, probe: probe }
      @folder = folder
      @number = 0
      @failed = []
    end

    # The cases that could not be measured. They are tried once; the others go on.
    attr_reader :failed

    # name  of the suite, for people
    # row   a row of Suites
    # A run that is there already is not done again.
    def call(name, row)
      cases = Suites.cases(row).select { |measured| possible?(Ways.find(measured.way)) }
      @results.remember(name, row)
      puts "#{name}: #{cases.size} cases, #{row[:runs]} runs each"
      row[:runs].times do |round|
        (cases - @failed).each { |measured| run(measured, round) if @results.of(measured).size <= round }
      end
    end

    # Nothing runs any more; the folders of the runs are the caller's.
    def destroy
      FileUtils.rm_rf(@run_folder) if @run_folder
    end

    private

    def run(measured, round)
      started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      result = try(measured)
      @results.add(result)
      puts "  round #{round + 1}, #{measured}: #{brief(result)}; took " \
           "#{(Process.clock_gettime(Process::CLOCK_MONOTONIC) - started).round} s"
    rescue Trouble => e
      @failed << measured
      warn "bench: #{measured}: #{e.message}"
    end

    def try(measured)
      tries ||= 0
      run_once(measured)
    rescue Run::Void => e
      puts "  void, #{measured}: #{e.message}"
      raise Trouble, "#{measured}: void #{TRIES} times, the last time since #{e.message}" if (tries += 1) >= TRIES

      retry
    end

    def run_once(measured)
      @run_folder = File.join(@folder, "run-#{@number += 1}")
      Dir.mkdir(@run_folder)
      Run.new(measured, **@tools, folder: @run_folder).call
    ensure
      FileUtils.rm_rf(@run_folder)
    end

    def brief(result)
      last = result["checkpoints"].last
      format("PSS %.0f MB, USS of a worker %.1f MB, CPU %.1f s, boot %.1f s", last["total"]["pss_kib"] / 1024.0,
             last["worker"]["uss_kib"] / 1024.0, last["cpu_s"], result["boot"]["wall_s"])
    end

    def possible?(way)
      @missing ||= Hash.new { |found, one| found[one] = [Ways.missing(one, help, hooks?)] }
      return true unless (reason = @missing[way].first)

      puts "  left out: #{way.title}, since #{reason}" unless @said&.include?(way)
      (@said ||= []) << way
      false
    end

    def help
      @help ||= Open3.capture2e(Service::BINARY, "--help").first
    end

    def hooks?
      return @hooks unless @hooks.nil?

      library = File.join(Service::ROOT, "hooks/lib")
      script = 'require "sidekiq/swarm"; exit Sidekiq::Swarm.respond_to?(:warmup)'
      @hooks = system("ruby", "-I#{library}", "-e", script, out: File::NULL, err: File::NULL)
    end
  end
end
