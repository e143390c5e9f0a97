# frozen_string_literal: true

require "socket"
require_relative "support/integration_test"

# `swarm check` with real Ruby, Sidekiq, Rails and Redis.
class CheckTest < IntegrationTest
  def test_the_plain_application
    check(0, "-r", PLAIN, "-c", 3, "-q", "urgent")

    assert_equal [], warnings
    assert_equal ["urgent", 3, RUBY_DESCRIPTION], @answer["application"].values_at("queues", "concurrency", "ruby")
    assert_includes find("bundler")["text"], ENV.fetch("BUNDLE_GEMFILE")
    assert_equal [redis.url, true], @answer["redis"].values_at("address", "answered")
    assert_equal redis.call("INFO")[/redis_version:(\S+)/, 1], @answer["redis"]["version"]
    steps = @answer["steps"].map { |step| step["name"] }
    assert_equal %w[sidekiq arguments application before_fork prepare redis],
                 steps & %w[sidekiq arguments application before_fork prepare redis]
  end

  def test_before_fork_runs_and_after_fork_does_not
    check(0, "-r", PLAIN, env: journal_env)

    assert_equal 1, journal("before_fork").size
    assert_empty journal("after_fork") + journal("startup")
    assert_includes find("hooks")["text"], "after_fork #{PLAIN}:"
  end

  def test_nothing_is_written_to_redis
    check(0, "-r", PLAIN)

    assert_equal 0, redis.call("DBSIZE")
  end

  def test_the_rails_application
    check(0, "-r", RAILS, "-e", "production", "--max-rss", "2G", env: bookshop)

    assert_equal [], warnings
    assert_equal ["production", Gem.loaded_specs.fetch("rails").version.to_s],
                 @answer["application"].values_at("environment", "rails")
    assert_operator @answer["memory"]["rss_bytes"], :>, 20 << 20
    assert_match(/\A--max-rss 2G leaves/, find("max_rss")["text"])
  end

  def test_a_limit_below_a_fresh_mold
    check(0, "-r", PLAIN, "--max-rss", "16M")

    assert_match(/--max-rss 16M is not more than the \d+ MiB of a fresh mold/, find("max_rss", "warning")["text"])
  end

  def test_an_initializer_that_raises
    check(75, "-r", RAILS, "-e", "production", env: bookshop("BOOKSHOP_BALLAST_MB" => "banana"))

    assert_match(/\AArgumentError: .*banana/, find("application", "failed")["text"])
    assert_equal %w[boot ArgumentError], @answer["failure"].values_at("stage", "class")
    assert(@answer["failure"]["frames"].any? { |frame| frame.include?("config/initializers/ballast.rb") })
    assert_includes errors, "ballast.rb"
  end

  def test_a_hook_that_raises
    check(75, "-r", PLAIN, env: trouble("before_fork raise"))

    assert_match(/trouble in before_fork/, find("hooks", "failed")["text"])
  end

  def test_no_application
    check(75, "-r", File.join(folder, "nothing.rb"))

    assert_equal "SystemExit", @answer["failure"]["class"]
    assert_includes errors, "Please point Sidekiq to a Rails application or a Ruby file"
  end

  def test_a_gemfile_with_a_missing_gem
    File.write(File.join(folder, "Gemfile"), "source \"https://gems.invalid\"\ngem \"no-such-gem-of-swarm\"\n")
    check(75, "-r", PLAIN, base_env: Bundler.unbundled_env)

    assert_match(/bundle install/, find("bundler", "failed")["remedy"])
    assert_includes errors, "no-such-gem-of-swarm"
  end

  def test_redis_is_down
    redis.stop
    check(69, "-r", PLAIN)

    assert_match(/\A#{Regexp.escape(redis.url)} does not answer: .*CannotConnectError/, find("redis", "failed")["text"])
    assert_equal "ok", find("application")["verdict"]
  end

  def test_redis_that_takes_connections_and_says_nothing
    mute = UNIXServer.new(File.join(folder, "mute.sock"))
    check(69, "-r", PLAIN, env: { "REDIS_URL" => "unix://#{mute.path}" })

    assert_equal "failed", find("redis")["verdict"]
  ensure
    mute&.close
  end

  def test_a_password_is_never_told
    check(69, "-r", PLAIN, env: { "REDIS_URL" => "redis://user:hush@127.0.0.1:#{closed_port}/0" })

    refute_includes output, "hush"
    assert_match(%r{\Aredis://127\.0\.0\.1:\d+/0 does not answer}, find("redis", "failed")["text"])
  end

  def test_a_thread_and_a_socket_that_are_left
    check(0, "-r", write_application(<<~RUBY))
      require "socket"
      LEFT = TCPServer.new("127.0.0.1", 0)
      Thread.new { sleep }.name = "collector"
    RUBY

    assert_match(/\Acollector \(started at .*app\.rb:3\): a fork loses it/, find("threads", "warning")["text"])
    assert_match(/\Afd \d+ tcp 127\.0\.0\.1:\d+ .*all workers would share it/, find("sockets", "warning")["text"])
  end

  def test_a_boot_that_waits_tells_where
    check(75, "--boot-timeout", 20, "-r", write_application("\nQueue.new.pop until false\n"))

    assert_match(/has not booted within 20s \(--boot-timeout\), after the step arguments/, find("application")["text"])
    assert_match(/app\.rb:2/, @answer["trace"].join("\n"))
  end

  def test_without_preloading_the_application_is_booted_all_the_same
    [%w[--no-prefork], %w[--preload none], %w[--preload gems]].each do |words|
      check(0, *words, "-r", write_application("puts \"index \#{ENV.fetch(\"SWARM_INDEX\")}\""))

      assert_equal true, @answer["redis"]["answered"]
      assert_includes errors, "index 0"
    end
  end

  def test_hooks_that_would_not_run
    check(0, "--no-prefork", "-r", PLAIN, env: journal_env)

    assert_match(/they do not run in this configuration/, find("hooks", "warning")["text"])
    assert_empty journal
  end

  def test_a_running_service_goes_on
    service = plain(1)
    workers = service.wait_until_ready(1)
    check(0, "-r", PLAIN)

    assert_match(/\Aa service runs here \(pid #{service.pid}, /, find("control")["text"])
    assert_equal workers, service.ready_workers
    assert_stops service
  end

  def test_term_during_the_boot
    run = start_check("-r", write_application("$stderr.puts \"here\"\nQueue.new.pop until false\n"))
    run.wait("the application's word") { errors.include?("here") }
    run.signal(:TERM)

    assert_leaves run, 143
  end

  private

  # Starts a check with --json; its own standard error is a file, and its log what it prints.
  def start_check(*words, **more)
    command = ["sh", "-c", 'err=$1; shift; exec "$@" 2>"$err"', "sh", errors_path, Service::BINARY, "check", "--json"]
    swarm(*words, command: command, **more)
  end

  # Runs a check, which leaves with this code and leaves nothing behind.
  def check(code, *words, **more)
    @run = start_check(*words, **more)
    assert_leaves @run, code
    @answer = JSON.parse(output)
    assert_equal code, @answer["code"]
  end

  def find(name, verdict = nil)
    found = @answer["findings"].find { |one| one["name"] == name && (verdict.nil? || one["verdict"] == verdict) }
    refute_nil found, "no finding #{name} #{verdict} in #{output}"
    found
  end

  def warnings
    @answer["findings"].select { |finding| finding["verdict"] == "warning" }
  end

  def output
    @run.log
  end

  def errors_path
    File.join(folder, "errors")
  end

  def errors
    File.exist?(errors_path) ? File.read(errors_path, encoding: "UTF-8").scrub : ""
  end

  def bookshop(more = {})
    { "BOOKSHOP_DATABASE" => File.join(folder, "bookshop.sqlite3"), "REDIS_URL" => redis.url }.merge(more)
  end

  # Orders the trouble and returns the environment that makes the application look for it.
  def trouble(order)
    super
    trouble_env
  end

  # A port that nobody listens on.
  def closed_port
    server = TCPServer.new("127.0.0.1", 0)
    server.addr[1]
  ensure
    server.close
  end
end
