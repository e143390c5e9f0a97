# frozen_string_literal: true

require "optparse"
require_relative "suites"
require_relative "trouble"
require_relative "ways"

module Cow
  # The command line of `script/bench cow`.
  class Options
    ENVIRONMENTS = %w[RAILS_ENV RACK_ENV APP_ENV].freeze

    BANNER = <<~TEXT
      usage: script/bench cow [SUITE]... [options]
             script/bench cow --app DIR --jobs 'SomeJob.perform_async(1)' [options] [-- words for Sidekiq]

      Suites, all of them if none is named: #{Suites::ALL.keys.join(", ")}
      Ways: #{Ways::ALL.keys.each_slice(8).map { |names| names.join(", ") }.join(",\n      ")}

    TEXT

    # suites       names of Suites
    # changes      what the suites get otherwise: :runs, :processes, :concurrency, :jobs, :ways
    # app          the user's application, an absolute path, or nil
    # expressions  what pushes its jobs
    # words        more words for its Sidekiq
    # redis        the address of a Redis that is not the bench's own, or nil
    # environment  Sidekiq's -e for the user's application
    attr_reader :suites, :changes, :app, :expressions, :words, :redis, :environment

    # arguments    the command line
    # directory    where paths in it begin
    # environment  variables of the caller
    # Raises Trouble for what cannot be meant.
    def initialize(arguments, directory:, environment:)
      @directory = directory
      @environment = environment.values_at(*ENVIRONMENTS).compact.first || "development"
      @changes = {}
      @expressions = []
      before, @words = split(arguments)
      @suites = parser.parse(before)
      check
    rescue OptionParser::ParseError => e
      raise Trouble, "#{e.message}; see script/bench cow --help"
    end

    def fresh?
      @fresh
    end

    def quick?
      @quick
    end

    def help
      parser.help if @help
    end

    # The folder for report and results; by_default, as a path, where the user names none.
    def report(by_default)
      @report || by_default
    end

    private

    # What follows -- is Sidekiq's.
    def split(arguments)
      at = arguments.index("--") || arguments.size
      [arguments.take(at), arguments.drop(at + 1)]
    end

    def parser
      OptionParser.new(BANNER, 26) do |parser|
        add_amounts(parser)
        add_places(parser)
        add_application(parser)
        parser.on("-h", "--help", "show this text") { @help = true }
      end
    end

    def add_amounts(parser)
      parser.on("--runs N", Integer, "runs of each case in all; what is there already counts") { |n| number(:runs, n) }
      parser.on("--processes N,…", Array, "how many workers") { |list| numbers(:processes, list) }
      parser.on("--concurrency N,…", Array, "threads of a worker") { |list| numbers(:concurrency, list) }
      parser.on("--jobs N", "jobs a worker") { |text| jobs(text) }
      parser.on("--ways NAME,…", Array, "only these") { |list| @changes[:ways] = list }
      parser.on("--quick", "two workers and ten jobs: tries the bench, measures nothing") { @quick = true }
    end

    def add_places(parser)
      parser.on("--fresh", "forget the results that are there") { @fresh = true }
      parser.on("--report DIR", "where results and report go") { |path| @report = File.expand_path(path, @directory) }
    end

    def add_application(parser)
      parser.on("--app DIR", "measure this application (or the Ruby file that loads it); then --jobs",
                "also takes Ruby that pushes a job, which the application evaluates once;",
                "it may be repeated") { |path| @app = File.expand_path(path, @directory) }
      parser.on("-e", "--environment NAME", "of the application, as Sidekiq's (#{@environment})") do |name|
        @environment = name
      end
      parser.on("--redis URL", "use this Redis, which must be empty, in place of a private one") { |url| @redis = url }
    end

    def jobs(text)
      if text.match?(/\A[\d_]+\z/)
        number(:jobs, Integer(text, 10))
      else
        @expressions << text
      end
    end

    def number(name, number)
      raise Trouble, "--#{name} takes a number above 0, not #{number}" unless number.positive?

      @changes[name] = number
    end

    def numbers(name, list)
      @changes[name] = list.map do |text|
        raise Trouble, "--#{name} takes numbers above 0, not #{text}" unless text.match?(/\A0*[1-9]\d*\z/)

        Integer(text, 10)
      end
    end

    def check
      return if @help

      unknown = @suites - Suites::ALL.keys
      raise Trouble, "there is no suite #{unknown.first}; there are #{Suites::ALL.keys.join(", ")}" if unknown.any?

      odd = Array(@changes[:ways]) - Ways::ALL.keys
      raise Trouble, "there is no way #{odd.first}; there are #{Ways::ALL.keys.join(", ")}" if odd.any?

      @app ? check_with_app : check_without_app
    end

    def check_with_app
      raise Trouble, "--app measures one comparison; #{@suites.first} is a suite of the bench's own" if @suites.any?
      return @expressions.each { |text| compile(text) } if @expressions.any?

      raise Trouble, "--app needs the jobs to measure with, e.g. --jobs 'SomeJob.perform_async(1)'"
    end

    # Nothing of it is run here.
    def compile(expression)
      RubyVM::InstructionSequence.compile(expression, "--jobs")
    rescue SyntaxError => e
      raise Trouble, "--jobs #{expression}: this is no Ruby: #{e.message}"
    end

    def check_without_app
      return @suites = Suites::ALL.keys if @suites.empty? && !odd_words
      raise Trouble, odd_words if odd_words
    end

    # What makes sense with --app only.
    def odd_words
      return "--jobs takes a number; an expression needs --app DIR" if @expressions.any?
      return "--redis needs --app DIR: the bench's own application has a Redis of its own" if @redis

      "words for Sidekiq need --app DIR" if @words.any?
    end
  end
end
