# frozen_string_literal: true

require_relative "support/integration_test"
require_relative "../../bench/cow/broker"
require_relative "../../bench/cow/options"

# script/bench cow in its small form, on the small Rails application, so that it cannot rot.
class CowTest < IntegrationTest
  BENCH = File.join(Service::ROOT, "bench/cow.rb")
  SMALL = %w[--processes 2 --runs 1].freeze
  CHARTS = %w[memory-and-cpu private-memory sharing].freeze

  def setup
    super
    Dir.mkdir(temporary)
  end

  def test_an_application_is_measured_both_ways_and_reported
    prepare_bookshop
    output, status = bench("--app", RAILS, "--jobs", "CountJob.perform_async", "--jobs",
                           "ReportJob.perform_async(100)", "--jobs", "3", "-e", "production", *SMALL, env: bookshop)
    assert status.success?, output
    runs = results.fetch("runs")

    assert_equal(%w[plain swarm], runs.map { |run| run["case"]["way"] })
    runs.each { |run| check_run(run) }
    check_report
    check_charts
    assert_nothing_left
  end

  def test_a_second_call_adds_runs_and_an_empty_redis_of_the_user_is_used_and_left_empty
    words = ["--app", PLAIN, "--jobs", "CountJob.perform_async", "--jobs", "1", "--ways", "swarm", "--processes", "1",
             "--redis", redis.url]
    [1, 2].each do |runs|
      output, status = bench(*words, "--runs", runs)
      assert status.success?, output
      assert_equal runs, results.fetch("runs").size, output
    end

    assert_equal 0, redis.call("DBSIZE")
    assert_nothing_left
  end

  def test_a_redis_that_is_not_empty_is_refused_and_left_alone
    redis.call("SET", "precious", "1")
    redis.call("SELECT", 3)
    redis.call("SET", "hidden", "1")
    assert_refused(/is not empty \(db0: 1 keys, db3: 1 keys\).*leave --redis out/,
                   "--app", PLAIN, "--jobs", "CountJob.perform_async", "--redis", redis.url)
    assert_equal "1", redis.call("GET", "hidden")
  end

  def test_a_redis_that_does_not_answer_or_is_none
    error = assert_raises(Cow::Trouble) { Cow::Broker.new("unix://#{folder}/none.sock").check_empty }
    assert_match(/none.sock cannot be asked: .*leave --redis out/, error.message)
    error = assert_raises(Cow::Trouble) { Cow::Broker.new("htp://x") }
    assert_match(/--redis htp:.*a URL such as redis:/, error.message)
    refute_match(/secret/, Cow::Broker.shown("redis://user:secret@host/1"))
  end

  def test_words_that_cannot_be_meant
    { %w[nonsense] => /no suite nonsense; there are headline/, %w[--runs none] => /invalid argument: --runs none/,
      %w[--processes 2,x] => /--processes takes numbers above 0, not x/, %w[--jobs 0] => /takes a number above 0/,
      %w[--ways fast] => /no way fast; there are plain/, %w[--jobs Job.new] => /needs --app DIR/,
      ["--app", PLAIN] => /--app needs the jobs/, ["headline", "--app", PLAIN, "--jobs", "x"] => /headline is a suite/,
      %w[--redis redis://localhost] => /--redis needs --app/, %w[-- -q low] => /words for Sidekiq need --app/,
      ["--app", PLAIN, "--jobs", "1 +"] => /--jobs 1 \+: this is no Ruby: / }.each do |words, text|
      error = assert_raises(Cow::Trouble) { Cow::Options.new(words, directory: folder, environment: {}) }
      assert_match text, error.message
    end
  end

  def test_an_application_that_is_none
    job = ["--jobs", "CountJob.perform_async"]
    assert_refused(%r{/none: there is no such file or directory}, "--app", "none", *job)
    assert_refused(%r{no config/environment.rb in it}, "--app", temporary, *job)
    lone = write_application("", name: "lone.rb")
    assert_refused(/there is no Gemfile in it or above it/, "--app", lone, *job, env: { "BUNDLE_GEMFILE" => nil })
    File.write(File.join(folder, "Gemfile"), %(gem "a-gem-that-nobody-has", "0.0.0"\n))
    assert_refused(/its bundle is not complete; run bundle install in #{folder}/, "--app", lone, *job,
                   env: { "BUNDLE_GEMFILE" => nil })
  end

  def test_jobs_that_push_nothing
    assert_refused(/uninitialized constant NoSuchJob.*--jobs:1/m, "--app", PLAIN, "--jobs", "NoSuchJob.perform_async")
    assert_refused(/nothing stands in a queue after it; .*due at once/, "--app", PLAIN, "--jobs",
                   "CountJob.perform_in(60)")
  end

  def test_an_application_that_fails_to_load_or_talks_to_another_redis
    broken = write_application("require 'a-library-that-nobody-has'\n", name: "broken.rb")
    assert_refused(/broken.rb cannot be loaded: LoadError.*broken.rb:1/m, "--app", broken, "--jobs", "1.to_s")
    text = "require 'sidekiq'\nSidekiq.configure_client { |config| config.redis = { url: '#{redis.url}' } }\n"
    other = write_application("#{text}class CountJob\n  include Sidekiq::Job\nend\n", name: "other.rb")
    assert_refused(/talks to another Redis than the one in REDIS_URL.*nothing was pushed/, "--app", other, "--jobs",
                   "CountJob.perform_async")
    assert_equal 0, redis.call("DBSIZE")
  end

  def test_a_worker_that_does_not_come_up_is_told_with_its_last_lines
    text = "require '#{PLAIN}'\nraise 'no worker today' if defined?(Sidekiq::CLI)\n"
    application = write_application(text, name: "away.rb")
    assert_refused(/left by itself.*the last lines it printed:.*no worker today.*not measured: plain/m,
                   "--app", application, "--jobs", "CountJob.perform_async", *SMALL)
  end

  # swarm goes on with the other worker, and would try for ever.
  def test_a_worker_that_fails_again_and_again_is_told_with_the_last_lines
    text = "require '#{PLAIN}'\nSidekiq::Swarm.after_fork { |index| raise 'no fork today' if index == 1 }\n"
    application = write_application(text, name: "torn.rb")
    assert_refused(/workers failed 3 times in a row.*no fork today/m, "--app", application, "--jobs",
                   "CountJob.perform_async", "--ways", "swarm", *SMALL)
  end

  def test_a_job_that_fails_is_told_with_the_last_lines
    assert_refused(/1 jobs failed; the last lines it printed:.*not measured: swarm/m,
                   "--app", PLAIN, "--jobs", "FailJob.perform_async", "--jobs", "1", "--ways", "swarm",
                   "--processes", "1", "--runs", "1")
  end

  def test_an_interrupt_leaves_nothing_behind
    log = File.join(folder, "bench.log")
    words = ["--app", PLAIN, "--jobs", "SleepJob.perform_async(600)", *SMALL]
    pid = Process.spawn(environment, *command(*words), in: File::NULL, out: log, err: log, unsetenv_others: true,
                                                       chdir: folder)
    Deadline.wait(-> { "workers of the bench: #{File.read(log)}" }, within: 240) { workers.size == 2 }
    Process.kill(:INT, pid)
    _, status = Process.wait2(pid)

    refute status.success?
    assert_match(/interrupted by INT/, File.read(log))
    assert_nothing_left
  end

  private

  def temporary
    File.join(folder, "temporary")
  end

  def report
    File.join(folder, "report")
  end

  def command(*words)
    before, after = words.map(&:to_s).slice_before("--").first(2)
    ["ruby", "-rbundler/setup", BENCH, *before, "--report", report, *after]
  end

  # As script/bench makes it.
  def environment
    Bundler.original_env.merge("TMPDIR" => temporary, "COW_CALLER_DIRECTORY" => folder)
  end

  # Returns what it printed, and its status.
  #
  # env  of its caller besides this test's; nil unsets
  def bench(*words, env: {})
    reader, writer = IO.pipe
    writer << environment.merge(env).compact.map { |pair| pair.join("=") }.join("\0")
    writer.close
    Open3.capture2e(environment.merge("COW_CALLER_ENVIRONMENT" => reader.fileno.to_s), *command(*words),
                    stdin_data: "", unsetenv_others: true, reader => reader)
  ensure
    reader.close
  end

  def assert_refused(text, *words, env: {})
    output, status = bench(*words, env: env)

    refute status.success?, output
    assert_match text, output
    refute_match(%r{bench/cow.*:in `}, output, "a backtrace is no message")
    assert_nothing_left
  end

  def assert_nothing_left
    assert_empty(left.map { |pid| File.binread("/proc/#{pid}/cmdline").tr("\0", " ") })
    assert_empty Dir.children(temporary)
  end

  # The processes of a bench of this test, but itself: all write into a folder of its own.
  def left
    Dir.children("/proc").grep(/\A\d+\z/).select do |pid|
      File.readlink("/proc/#{pid}/fd/1").start_with?(temporary)
    rescue SystemCallError
      false
    end
  end

  def workers
    left.select { |pid| File.binread("/proc/#{pid}/cmdline").start_with?("sidekiq ") }
  rescue SystemCallError
    []
  end

  def bookshop
    { "BOOKSHOP_DATABASE" => File.join(folder, "bookshop.sqlite3"), "RAILS_ENV" => "production" }
  end

  def prepare_bookshop
    output, status = Open3.capture2e(bookshop, "ruby", File.join(RAILS, "bin/prepare"), stdin_data: "", chdir: folder)
    assert status.success?, output
  end

  def results
    JSON.parse(File.read(File.join(report, "results-#{RUBY_VERSION}.json")))
  end

  def check_run(run)
    looks = run.fetch("checkpoints")
    assert_equal([0, 1, 3], looks.map { |look| look["jobs"] })
    looks.each do |look|
      worker = look.fetch("worker")
      assert_operator worker["rss_kib"], :>, 20_000
      assert_operator worker["uss_kib"], :<, worker["rss_kib"]
      assert_operator look["total"]["pss_kib"], :>=, 2 * worker["uss_kib"]
    end
    assert_operator run["boot"]["wall_s"], :>, 0
    assert_operator run["boot"]["cpu_s"], :>, 0
    assert_equal run["case"]["way"] == "swarm" ? 2 : 0, run["fork_ms"].size
  end

  def check_report
    text = File.read(File.join(report, "README.md"))
    assert_match(/^\| separate Sidekiqs +\| +\d+ \| +1.00 \|/, text)
    assert_match(/^\| swarm +\| +\d+ \| +\d\.\d\d \|/, text)
    assert_match(/^\| (malloc|anonymous) +\| +\d+\.\d \|/, text)
  end

  # The report names them where gnuplot could draw them.
  def check_charts
    names = CHARTS.product(%w[svg png]).map { |name, kind| "#{name}-ruby#{RUBY_VERSION[/\A\d+\.\d+/]}.#{kind}" }
    if ENV.fetch("PATH").split(":").none? { |path| File.executable?(File.join(path, "gnuplot")) }
      return assert_empty(names.select { |name| File.exist?(File.join(report, name)) })
    end

    names.each { |name| assert_operator File.size(File.join(report, name)), :>, 2_000, name }
  end
end
