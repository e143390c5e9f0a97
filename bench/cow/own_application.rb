# frozen_string_literal: true

require "bundler"
require "digest"
require "fileutils"
require "json"
require "open3"
require "securerandom"
require_relative "trouble"

module Cow
  # The committed application: its gems, its database, its jobs.
  class OwnApplication
    ROOT = File.expand_path("app", __dir__)
    HOOKED = File.expand_path("hooked", __dir__)
    GEMFILES = File.expand_path("../../test/gemfiles", __dir__)

    # folder  for what it keeps
    def initialize(folder)
      @folder = folder
      set = (RUBY_VERSION.split(".").map(&:to_i) <=> [3, 2]).negative? ? "cow73" : "cow81"
      @gemfile = File.join(GEMFILES, "#{set}.gemfile")
    end

    def title
      "the application of the bench"
    end

    # What all results of a file must have in common: versions, and the application's own files.
    def facts
      sum = Digest::SHA256.new
      files = Dir.glob(File.join(ROOT, "**/*")).select { |path| File.file?(path) }
      files.sort.each { |path| sum << path.delete_prefix(ROOT) << File.binread(path) }
      versions.merge("application" => sum.hexdigest[0, 12])
    end

    # Raises Trouble where its gems are missing.
    def check
      versions
    end

    # Fills a database once; each run gets a copy.
    def prepare(_broker)
      run("ruby", File.join(ROOT, "bin/prepare"), "COW_DATABASE" => template)
    end

    # A fresh state for one run.
    def begin_run(folder)
      @database = File.join(folder, "cow.sqlite3")
      Dir.glob("#{template}*") { |path| FileUtils.cp(path, path.sub(template, @database)) }
    end

    # The environment of its processes, whole.
    def env(redis_url)
      base.merge("REDIS_URL" => redis_url, "COW_DATABASE" => @database || template)
    end

    # Where its processes run.
    def directory
      @folder
    end

    # What Sidekiq gets.
    def words(measured, way)
      ["-r", way.hook ? HOOKED : ROOT, "-e", "production", "-c", measured.concurrency.to_s]
    end

    # first  the number of the first job
    # Returns the jobs with these numbers, as Broker#push takes them.
    def jobs(kind, first, count)
      now = stamp
      Array.new(count) do |index|
        ["default", JSON.generate(class: kind, args: [first + index], jid: SecureRandom.hex(12), retry: false,
                                  queue: "default", created_at: now, enqueued_at: now)]
      end
    end

    private

    def base
      Bundler.original_env.reject { |name, _| Service::FORGOTTEN.match?(name) }
             .merge("BUNDLE_GEMFILE" => @gemfile, "RAILS_ENV" => "production")
    end

    def template
      File.join(@folder, "template.sqlite3")
    end

    # Sidekiq 8 counts in milliseconds.
    def stamp
      versions["sidekiq"].start_with?("8") ? (Time.now.to_f * 1_000).to_i : Time.now.to_f
    end

    def versions
      @versions ||= %w[sidekiq rails sidekiq-process_manager].to_h { |name| [name, version(name)] }
    end

    def version(name)
      File.read("#{@gemfile}.lock")[/^    #{Regexp.escape(name)} \(([\d.]+)\)/, 1]
    rescue Errno::ENOENT
      raise Trouble, "the gems of #{@gemfile} are not installed; run script/setup cow"
    end

    def run(*command, env)
      output, status = Open3.capture2e(base.merge(env), *command, chdir: @folder, unsetenv_others: true, stdin_data: "")
      raise Trouble, "#{command.join(" ")} failed:\n#{output}" unless status.success?
    end
  end
end
