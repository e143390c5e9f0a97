# frozen_string_literal: true

require "json"
require "socket"
require_relative "support/fake_case"

# check_test.rb: `swarm check` against a mold that misbehaves: each finding, and nothing left behind.
class CheckTest < FakeCase
  OK = %w[configuration control mold ruby bundler application steps hooks redis threads sockets identities
          memory].freeze
  # The details beside the findings, as docs/check.md has them.
  DETAILS = %w[ok code version findings application redis hooks threads sockets identities memory steps failure trace
               control].freeze

  def test_all_is_well
    assert_code 0
    assert_equal(OK.to_h { |name| [name, "ok"] }, verdicts)
    assert_equal DETAILS, @answer.keys
    assert_equal true, @answer["ok"]
    assert_equal ["7.3.0", 5, 1.0], @answer["application"].values_at("sidekiq", "concurrency", "timeout_s")
    assert_equal ["7.0.15", true, 0.0015], @answer["redis"].values_at("version", "answered", "ping_s")
    assert_operator @answer["memory"]["rss_bytes"], :>, 0
  end

  def test_no_worker_is_started_and_no_lock_is_taken
    before = Dir.children(folder)
    assert_code 0
    assert_empty journal("spawn")
    assert_equal %w[c.sock.lock c.sock c.sock.family] & Dir.children(folder), []
    assert_empty Dir.children(folder) - before - %w[journal out err swarm.log orders.lock]
  end

  def test_words_for_a_person
    status = check(json: false)
    assert_equal 0, status.exitstatus, error_output
    lines = output.lines(chomp: true)
    assert_equal OK, lines.first(OK.size).map { |line| line[/\Aok +(\S+)/, 1] }
    assert_equal ["", "The service would start; 0 warnings."], lines.last(2)
  end

  def test_redis_that_does_not_answer
    assert_code 69, environment: { "FAKE_REDIS_ERROR" => "RedisClient::CannotConnectError: refused\nmore\e[2J" }
    finding = find("redis")
    assert_equal "failed", finding["verdict"]
    assert_equal "redis://127.0.0.1:6379/0 does not answer: RedisClient::CannotConnectError: refused more?[2J",
                 finding["text"]
    assert_match(/start Redis/, finding["remedy"])
    assert_equal [false, nil], @answer["redis"].values_at("answered", "ping_s")
  end

  def test_redis_that_may_lose_jobs
    assert_code 0, environment: { "FAKE_REDIS_POLICY" => "allkeys-lru" }
    assert_warns "redis", /maxmemory-policy is allkeys-lru/
  end

  def test_threads_and_sockets_alive_at_the_fork
    assert_code 0, environment: { "FAKE_THREADS" => "one (started at a.rb:1)\ntwo (started at b.rb:2)",
                                  "FAKE_SOCKETS" => "fd 12 tcp 127.0.0.1:80" }
    threads = @answer["findings"].select { |finding| finding["name"] == "threads" }
    assert_equal(["one (started at a.rb:1): a fork loses it", "two (started at b.rb:2): a fork loses it"],
                 threads.map { |finding| finding["text"] })
    assert_warns "sockets", /\Afd 12 tcp 127\.0\.0\.1:80: all workers would share it/
    assert_equal ["fd 12 tcp 127.0.0.1:80"], @answer["sockets"]
  end

  def test_identities_memoized_at_the_fork
    assert_code 0, environment: { "FAKE_IDENTITIES" => 'Shop::Node @id = "web-1:4711"' }
    assert_warns "identities", /\AShop::Node @id = "web-1:4711": all workers would have the same/
    assert_equal ['Shop::Node @id = "web-1:4711"'], @answer["identities"]
  end

  def test_they_do_not_matter_where_nothing_is_forked
    told = { "FAKE_THREADS" => "one (started at a.rb:1)", "FAKE_HOOKS" => "fork a.rb:1" }
    assert_code 0, "--no-prefork", environment: told
    assert_nil find("threads")
    assert_warns "hooks", /they do not run in this configuration: fork a\.rb:1/
  end

  def test_hooks_are_named
    assert_code 0, environment: { "FAKE_HOOKS" => "before_fork a.rb:1\nafter_fork b.rb:2" }
    assert_equal "before_fork has run; there are: before_fork a.rb:1, after_fork b.rb:2", find("hooks")["text"]
    assert_equal ["before_fork a.rb:1", "after_fork b.rb:2"], @answer["hooks"]
  end

  def test_a_limit_that_a_fresh_mold_exceeds
    orders.set("always mold boot eat 40")
    assert_code 0, "--max-rss", "32M"
    assert_warns "max_rss", /--max-rss 32M is not more than the 4\d MiB of a fresh mold/
    assert_operator @answer["memory"]["rss_bytes"], :>, 40 << 20
  end

  def test_a_limit_with_room
    assert_code 0, "--max-rss", "1G"
    assert_match(/\A--max-rss 1G leaves \d+ MiB/, find("max_rss")["text"])
  end

  def test_a_timeout_that_a_dyno_does_not_give
    assert_code 0, environment: { "DYNO" => "worker.1", "FAKE_TIMEOUT_MS" => "30000" }
    assert_warns "timeout", /\A-t 30: a dyno is killed 30 s after its TERM/
    assert_code 0, environment: { "DYNO" => "worker.1", "FAKE_TIMEOUT_MS" => "25000" }
    assert_equal "ok", find("timeout")["verdict"]
  end

  def test_warnings_of_the_configuration
    assert_code 0, environment: { "SIDEKIQ_COUNT" => "3", "COUNT" => "4" }
    assert_warns "configuration", /COUNT=4/
  end

  def test_a_configuration_that_is_not_valid
    File.write(File.join(folder, "sidekiq-swarm.toml"), "[memory]\nmax_rss = 1\n")
    assert_code 78
    assert_match(/sidekiq-swarm\.toml:2/, find("configuration")["text"])
    assert_equal 78, check(json: false).exitstatus
    assert_match(/\AFAILED +configuration +.*sidekiq-swarm\.toml:2/, output)
  end

  def test_a_wrong_command_line
    assert_code 64, "--proceses", "3"
    assert_match(/--processes/, find("configuration")["text"])
  end

  def test_a_boot_that_hangs
    orders.set("always mold boot hang")
    assert_code 75, "--boot-timeout", "0.5"
    assert_match(/has not booted within 0\.5s \(--boot-timeout\), (after the step fake|before its first step ended)/,
                 find("application")["text"])
  end

  def test_a_mold_that_is_stopped
    orders.set("always mold boot kill STOP")
    assert_code 75, "--boot-timeout", "0.5"
    assert_equal "failed", find("application")["verdict"]
  end

  def test_a_mold_that_dies
    { "kill SEGV" => /ended by SEGV after the step fake/, "kill KILL" => /ended by KILL/,
      "exit 3" => /left with code 3 after the step fake, without an exception/,
      "exit 0" => /left with code 0/ }.each do |verb, text|
      orders.set("1 mold boot #{verb}")
      assert_code 75
      assert_match text, find("application")["text"]
    end
  end

  def test_an_application_that_raises
    orders.set("always mold boot raise 1 no such thing")
    assert_code 75
    assert_match(%r{\AFakeError: no such thing \(config/fake\.rb:7\)}, find("application")["text"])
    assert_equal({ "stage" => "boot", "class" => "FakeError", "text" => "no such thing", "place" => "config/fake.rb:7",
                   "frames" => ["config/fake.rb:7:in `block'", "config/fake.rb:3:in `<main>'"] }, @answer["failure"])
    assert_equal [{ "name" => "fake", "took_s" => 0.001 }], @answer["steps"]
  end

  def test_garbage
    %w[bytes huge wrong].each do |kind|
      orders.set("always mold boot garbage #{kind}")
      assert_code 75
      assert_match(/it sent what is no message after the step fake/, find("mold", "failed")["text"])
    end
  end

  def test_more_steps_than_anybody_counts
    orders.set("always mold boot flood 500")
    assert_code 0
    assert_equal 16, @answer["steps"].size
  end

  def test_ready_twice_is_ready
    orders.set("always mold ready twice")
    assert_code 0
  end

  def test_a_closed_link
    orders.set("always mold boot close", "always mold boot hang")
    assert_code 75
    assert_match(/its link to swarm was closed/, find("mold", "failed")["text"])
  end

  def test_nothing_of_what_the_application_started_is_left
    %w[group stubborn session].each do |kind|
      orders.set("1 mold boot child #{kind}", "1 mold boot child #{kind}")
      assert_code 0
    end
  end

  def test_signals_end_it_at_once
    orders.set("always mold boot child stubborn", "always mold boot hang")
    { TERM: 143, INT: 130, HUP: 129 }.each do |signal, code|
      run = start_check
      wait_hanging
      run.signal(signal)
      assert_equal code, run.wait_exit.exitstatus
      assert_empty left_behind.map(&:to_s)
      assert_match(/the check was ended by #{signal}/, error_output)
      File.delete(journal_path)
    end
  end

  def test_other_signals_do_not
    orders.set("always mold boot wait")
    run = start_check
    wait_journal("wait")
    %i[TSTP TTIN USR1 USR2 TTOU].each { |signal| run.signal(signal) }
    Deadline.wait("signals that are taken") { pending_signals(run.pid).zero? }
    orders.set
    assert_equal 0, run.wait_exit.exitstatus
  end

  def test_a_killed_check_leaves_nothing
    orders.set("always mold boot hang")
    run = start_check
    wait_hanging
    run.signal(:KILL)
    run.wait_exit
    wait_nothing_left
  end

  def test_a_running_service_is_said_and_left_alone
    master, before = start_running
    assert_equal 0, check.exitstatus
    @answer = JSON.parse(output)
    assert_includes find("control")["text"], "a service runs here (pid #{master.pid}, #{master.control_path})"
    assert_equal({ "path" => master.control_path, "running" => true, "pid" => master.pid }, @answer["control"])
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a_stale_socket_is_free_and_stays
    UNIXServer.new(control).close
    assert_code 0
    assert_equal "#{control} is free", find("control")["text"]
    assert File.socket?(control)
  end

  def test_a_place_that_the_control_socket_cannot_have
    File.write(control, "precious")
    assert_code 78
    assert_match(/is no socket/, find("control")["text"])
    assert_equal "ok", find("redis")["verdict"]
    assert_equal "precious", File.read(control)
    assert_code 78, "--control", File.join(folder, "missing/c.sock")
    assert_match(/No such file or directory/, find("control")["text"])
    assert_code 78, "--control", "/#{"x" * 200}"
    assert_match(/107 bytes/, find("control")["text"])
  end

  def test_a_pid_file_that_cannot_be_written
    assert_code 78, "--pid-file", File.join(folder, "missing/swarm.pid")
    assert_equal "failed", find("pid_file")["verdict"]
    assert_code 78, "--pid-file", folder
    assert_match(/Is a directory/, find("pid_file")["text"])
    assert_code 0, "--pid-file", File.join(folder, "swarm.pid")
    refute_path_exists File.join(folder, "swarm.pid")
  end

  def test_a_mold_that_is_not_there
    assert_code 70, environment: { "SWARM_MOLD" => File.join(folder, "no-mold") }
    assert_match(/swarm-mold is neither/, find("mold")["text"])
  end

  def test_a_mold_that_cannot_be_started
    File.write(File.join(folder, "no-program"), "\x7FELF nothing")
    File.chmod(0o755, File.join(folder, "no-program"))
    assert_code 75, environment: { "SWARM_MOLD" => File.join(folder, "no-program") }
    assert_match(/cannot be started/, find("mold", "failed")["text"])
  end

  def test_an_answer_that_cannot_be_written
    skip "there is no /dev/full here" unless File.chardev?("/dev/full")
    assert_equal 70, start_check(out: "/dev/full").wait_exit.exitstatus
  end

  private

  def control
    File.join(folder, "c.sock")
  end

  # Starts a check; its standard output goes to `out`.
  def start_check(*words, json: true, environment: {}, out: File.join(folder, "out"))
    redirect = ["sh", "-c", 'out=$1 err=$2; shift 2; exec "$@" >"$out" 2>"$err"', "sh", out, File.join(folder, "err")]
    marks = { "SWARM_TEST_ID" => @mark.split("=").last, "FAKE_ORDERS" => orders.path, "FAKE_JOURNAL" => journal_path,
              "FAKE_TIMEOUT_MS" => "1000" }
    options = ["check", *("--json" if json), *(["--control", control] unless words.include?("--control")), *words]
    masters << Master.new(folder: folder, options: options, environment: marks.merge(environment), before: redirect)
    masters.last
  end

  def check(*words, **more)
    start_check(*words, **more).wait_exit
  end

  # Runs a check with --json: its exit code is this one, in the JSON too, and nothing of it is left.
  def assert_code(code, *words, **more)
    status = check(*words, **more)
    assert_equal code, status.exitstatus, "#{status}: #{output}#{error_output}"
    assert_empty left_behind.map(&:to_s), "left behind"
    @answer = JSON.parse(output)
    assert_equal [code, code.zero?], @answer.values_at("code", "ok")
  end

  def assert_warns(name, text)
    found = find(name, "warning")
    refute_nil found, "no warning of #{name}"
    assert_match text, found["text"]
  end

  def verdicts
    @answer["findings"].to_h { |finding| [finding["name"], finding["verdict"]] }
  end

  # The first finding of that name, with that verdict if one is given.
  def find(name, verdict = nil)
    @answer["findings"].find { |finding| finding["name"] == name && (verdict.nil? || finding["verdict"] == verdict) }
  end

  def wait_hanging
    wait_journal("hang")
    wait_journal("stubborn") if orders.lines.any? { |line| line.include?("stubborn") }
  end

  # Signals that wait to be taken, as bits: proc(5).
  def pending_signals(pid)
    File.read("/proc/#{pid}/status")[/^ShdPnd:\s+(\h+)/, 1].hex
  end

  def output
    File.read(File.join(folder, "out"))
  end

  def error_output
    File.read(File.join(folder, "err"))
  end
end
