# frozen_string_literal: true

require "json"
require "open3"
require "securerandom"
require_relative "broker"
require_relative "trouble"

module Cow
  # The user's own application, with its own gems and in the environment of the caller. Its jobs are pushed once, by
  # itself; what then stands in Redis is repeated.
  class UserApplication
    # What is not the application's, but of a service that may run here.
    NOT_ITS = /\A(SWARM_|REDIS_URL\z|REDIS_PROVIDER\z|INDEX\z|COUNT\z|SIDEKIQ_(COUNT|PROCESSES|PREFORK|PRELOAD|MAXMEM)|
                 NOTIFY_SOCKET|WATCHDOG_|LISTEN_|JOURNAL_STREAM|COW_)/x
    PUSHER = File.expand_path("push.rb", __dir__)
    TOKEN = "swarm:bench:token"

    # options      Options
    # environment  the caller's variables
    # folder       for what it keeps
    def initialize(options, environment, folder)
      @options = options
      @place = options.app
      @folder = folder
      @base = environment.reject { |name, _| NOT_ITS.match?(name) }
                         .merge("RAILS_ENV" => options.environment, "RACK_ENV" => options.environment)
    end

    def title
      "the application in #{@place}"
    end

    # How results call its jobs.
    def kind
      @options.expressions.join("; ")
    end

    # What all results of a file must have in common.
    def facts
      { "application" => @place, "environment" => @options.environment, "words" => @options.words.join(" ") }
    end

    # Raises Trouble, with the remedy, for what can be seen without booting it.
    def check
      raise Trouble, "--app #{@place}: there is no such file or directory" unless File.exist?(@place)

      if File.directory?(@place) && !File.exist?(File.join(@place, "config/environment.rb"))
        raise Trouble, "--app #{@place}: no config/environment.rb in it; name the folder of a Rails application, or " \
                       "the Ruby file that Sidekiq's -r takes"
      end
      check_bundle
    end

    # Lets the application push its jobs once, and keeps them.
    def prepare(broker)
      broker.clear
      broker.call("SET", TOKEN, token = SecureRandom.hex(12))
      push_once(env(broker.url).merge("COW_TOKEN" => token))
      @pushed = broker.take
      broker.clear
      return if @pushed.any?

      raise Trouble, "--jobs #{kind}: nothing stands in a queue after it; an expression must push jobs that are due " \
                     "at once, e.g. SomeJob.perform_async(1)"
    end

    # The application's own data stays as it is.
    def begin_run(_folder); end

    # The environment of its processes, whole.
    def env(redis_url)
      @base.merge("BUNDLE_GEMFILE" => gemfile, "REDIS_URL" => redis_url)
    end

    # Where its processes run.
    def directory
      File.directory?(@place) ? @place : File.dirname(@place)
    end

    # What Sidekiq gets.
    def words(measured, _way)
      threads = measured.concurrency ? ["-c", measured.concurrency.to_s] : []
      ["-r", @place, "-e", @options.environment, *threads, *@options.words]
    end

    # Returns so many jobs, as Broker#push takes them; what was pushed takes turns.
    def jobs(_kind, first, count)
      Array.new(count) do |index|
        queue, job = @pushed[(first + index) % @pushed.size]
        times = job.slice("created_at", "enqueued_at").transform_values { |time| stamp(time) }
        [queue, JSON.generate(job.merge(times, "jid" => SecureRandom.hex(12), "retry" => false))]
      end
    end

    private

    # Sidekiq 8 counts in whole milliseconds.
    def stamp(like)
      like.is_a?(Integer) ? (Time.now.to_f * 1_000).to_i : Time.now.to_f
    end

    def gemfile
      named = @base["BUNDLE_GEMFILE"]
      @gemfile ||= named && !named.empty? ? File.expand_path(named, directory) : own_gemfile
    end

    # As Bundler looks for it: from the application's folder upwards.
    def own_gemfile
      folders = [directory]
      folders << File.dirname(folders.last) until folders.last == "/"
      folders.product(%w[Gemfile gems.rb]).map { |parts| File.join(*parts) }.find { |path| File.file?(path) } ||
        raise(Trouble, "--app #{@place}: there is no Gemfile in it or above it; name one in BUNDLE_GEMFILE")
    end

    def check_bundle
      raise Trouble, "BUNDLE_GEMFILE=#{gemfile}: there is no such file" unless File.file?(gemfile)

      output, status = ask("bundle", "check")
      return if status.success?

      raise Trouble, "#{gemfile}: its bundle is not complete; run bundle install in #{directory}:\n#{output}"
    end

    def push_once(env)
      output, status = ask("bundle", "exec", "ruby", PUSHER, @place, *@options.expressions, env: env)
      return if status.success?

      raise Trouble, "the jobs cannot be pushed; #{@place} said:\n#{output}"
    end

    def ask(*command, env: self.env("none"))
      Open3.capture2e(env, *command, chdir: directory, unsetenv_others: true, stdin_data: "")
    rescue SystemCallError => e
      raise Trouble, "#{command.first} cannot be started: #{e.message}"
    end
  end
end
