# frozen_string_literal: true

require "json"
require "shellwords"

require_relative "support/integration_test"

# packaging/heroku/Procfile as a dyno runs it: under foreman, found in PATH, configured by the environment and by
# config/sidekiq.yml, stopped by a TERM to every process, twice.
class HerokuTest < IntegrationTest
  PROCFILE = File.join(Service::ROOT, "packaging/heroku/Procfile")
  FOREMAN_GEMFILE = File.join(Service::ROOT, "test/gemfiles/foreman.gemfile")
  # When a dyno is killed, less the second that the last of it may need.
  LIMIT_S = 29
  THREADS = 2

  def setup
    super
    @foreman = foreman_command or skip "foreman is not installed: script/setup does that"
  end

  def test_everything_leaves_in_time_and_each_job_is_done_or_back_in_its_queue
    dyno = start_dyno(processes: 2, timeout: 5)
    jobs = occupy(dyno, 2) + Array.new(6) { redis.enqueue("CountJob") }
    began = Deadline.now
    signal_all(dyno)
    dyno.wait_for_event("stopping")
    signal_all(dyno, except: dyno.pid)
    dyno.wait_until_all_gone(began + LIMIT_S - Deadline.now)

    assert_equal jobs.sort, jobs_in_queue.sort
    assert_equal [0, 0], [redis.count("slept:done"), redis.count("count")]
    assert_started dyno, workers: 2
  end

  def test_a_job_that_ends_in_time_is_done_and_not_worked_again
    dyno = start_dyno(processes: 1, timeout: 25)
    occupy(dyno, 1)
    signal_all(dyno)
    dyno.wait_for_event("stopping")
    redis.call("SET", "slept:enough", "1")
    dyno.wait_until_all_gone

    assert_equal [THREADS, []], [redis.count("slept:done"), jobs_in_queue]
    assert_started dyno, workers: 1
  end

  # Sidekiq's own time would let it live for 70 s.
  def test_a_worker_that_does_not_leave_is_killed_before_the_dyno_is
    dyno = start_dyno(processes: 1, timeout: 60)
    dyno.wait_for_event("warning")
    assert_includes dyno.log, "use -t 25 or less"
    redis.enqueue("StubbornJob")
    wait_for_count(dyno, "stubborn", 1)
    signal_all(dyno)
    assert_match(/is left in 2[0-8] s is killed/, dyno.wait_for_event("stopping").line)
    dyno.wait_until_all_gone(LIMIT_S + 30)

    assert_started dyno, workers: 1
  end

  def test_the_platform_stamps_the_lines_of_the_log
    dyno = start_dyno(processes: 1, timeout: 5)
    lines = dyno.events.map(&:line)
    refute_empty lines
    assert_empty(lines.grep_v(/\Aworker\.1 +\| pid=\d+ tid=\d+ [A-Z]+: event=/))
    signal_all(dyno)
    dyno.wait_until_all_gone
  end

  private

  # Starts the Procfile in a folder that is a small application; returns once its workers fetch.
  def start_dyno(processes:, timeout:)
    write_application("eval_gemfile #{ENV.fetch("BUNDLE_GEMFILE").inspect}\n", name: "Gemfile")
    FileUtils.mkdir(File.join(folder, "config"))
    write_application(<<~YAML, name: "config/sidekiq.yml")
      :require: #{PLAIN}
      :concurrency: #{THREADS}
      :timeout: #{timeout}
    YAML
    dyno = swarm(base_env: Bundler.unbundled_env, env: dyno_env(processes), command: @foreman)
    dyno.wait_until_ready(processes)
    dyno.wait_for_event("worker_run", count: processes)
    dyno
  end

  def dyno_env(processes)
    bundler = Bundler.original_env.slice("BUNDLE_PATH", "BUNDLE_APP_CONFIG", "BUNDLE_SILENCE_ROOT_WARNING")
    bundler.merge(journal_env).merge(
      "DYNO" => "worker.1", "PATH" => "#{File.dirname(Service::BINARY)}:#{ENV.fetch("PATH")}",
      "SWARM_PROCESSES" => processes.to_s, "SWARM_CONTROL" => File.join(folder, "swarm.sock")
    )
  end

  # The shell takes the words that Service adds for swarm: here they would reach foreman.
  def foreman_command
    gems = foreman_gems or return
    words = ["ruby", *gems.flat_map { |gem| ["-I", File.join(gem, "lib")] }, File.join(gems.first, "bin/foreman"),
             "start", "--procfile", PROCFILE, "--root", folder, "--timeout", "60", "--no-timestamp"]
    ["sh", "-c", "exec #{words.shelljoin}", "sh"]
  end

  # The folders of foreman and what it needs, with the versions of its Gemfile; nil where one is missing. They
  # are no part of the application's bundle.
  def foreman_gems
    installed = Gem.loaded_specs.fetch("sidekiq").gems_dir
    versions = File.read(FOREMAN_GEMFILE).scan(/^gem "(\S+)", "(\S+)"/)
    folders = versions.map { |name, version| File.join(installed, "#{name}-#{version}") }
    folders if folders.all? { |path| File.directory?(path) }
  end

  # Gives each thread of the workers a job that does not end by itself; returns their ids.
  def occupy(dyno, processes)
    jobs = Array.new(processes * THREADS) { redis.enqueue("SleepJob", 600) }
    wait_for_count(dyno, "slept:started", jobs.size)
    jobs
  end

  # foreman gets it, too, but only once: its second would leave the log without a reader, unlike a dyno's.
  def signal_all(dyno, except: nil)
    dyno.processes.each { |entry| dyno.signal_process(entry.pid, :TERM) unless entry.pid == except }
  end

  def jobs_in_queue
    redis.call("LRANGE", "queue:default", 0, -1).map { |job| JSON.parse(job).fetch("jid") }
  end

  # Nobody was replaced: each process of the service ran its hooks once.
  def assert_started(dyno, workers:)
    assert_equal [1, workers], [journal("before_fork").size, journal("after_fork").size]
    assert_equal [1, workers], [dyno.events("mold_starting").size, dyno.events("worker_ready").size]
  end
end
