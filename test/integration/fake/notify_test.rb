# frozen_string_literal: true

require "json"
require "socket"
require_relative "support/control_group"
require_relative "support/fake_case"

# notify_test.rb: the operator's program is told what happens, and cannot harm the service (FS-60); the
# question to systemd about OOM kills (FS-59).
class NotifyTest < FakeCase
  # Adds what it reads to a file, in one piece.
  TELL = ["sh", "-c", 'text=$(cat) && printf "%s\n" "$text" >>"$0"'].freeze
  # Deaf to TERM, and so is what it starts.
  HANG = ["sh", "-c", "trap '' TERM; sleep 1000 & wait"].freeze

  def teardown
    super
  ensure
    @inner && Deadline.wait("an empty control group") { remove(@inner) }
    @group&.remove
  end

  def test_each_event_is_told_once
    notify(*TELL, told_path)
    master, before = start_running
    orders.set("1 worker.0 idle kill SEGV")
    gone = master.wait_for("worker_lost", slot: 0)
    run = master.wait_for("worker_run", slot: 0, after: gone)
    stop_when_told(master)
    assert_equal({ "ready" => 3, "crashed" => 1, "pid_changed" => 1, "stopping" => 1 }, told_events.tally)
    crashed = find_told("crashed")
    assert_equal [0, before[0], "SEGV", "fake"], crashed.values_at("slot", "pid", "signal", "service")
    assert_equal [Socket.gethostname, master.pid], crashed.values_at("host", "master_pid")
    assert_match(/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/, crashed["at"])
    assert_equal [0, run.pid, before[0]], find_told("pid_changed").values_at("slot", "pid", "old_pid")
    assert_empty master.log.select(%w[notify_failed notify_dropped]).map(&:line)
  end

  def test_only_chosen_events_are_told
    notify(*TELL, told_path, events: %w[crashed stopping])
    master, before = start_running
    master.kill_and_wait(before[1])
    stop_when_told(master)
    assert_equal %w[crashed stopping], told_events.sort
  end

  def test_the_level_of_the_log_has_no_say
    notify(*TELL, told_path, events: %w[ready])
    master = start("--log-level", "error")
    Deadline.wait("two notifications") { told.size == 2 }
    assert_clean_stop(master)
    assert_empty master.log.select("worker_run")
  end

  def test_fs_60_programs_that_hang_hold_up_nobody
    notify(*HANG, timeout: 1)
    master, before = start_running(processes: 3)
    ending = master.kill_and_wait(before[1])
    failed = master.wait_for("notify_failed")
    assert_equal %w[sh KILL], [failed[:what], failed[:signal]]
    assert_operator failed[:took_ms].to_i, :>=, 1000
    assert_equal "crashed", ending[:reason]
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
    wait_nothing_left
  end

  def test_fs_60_a_program_that_outlives_its_limit_while_the_service_stops_is_killed
    notify(*HANG, events: %w[stopping], timeout: 1000)
    master, = start_running
    assert_clean_stop(master)
    wait_nothing_left
  end

  def test_fs_60_a_program_that_fails_is_said_and_harms_nobody
    notify("sh", "-c", "exit 3")
    master, before = start_running
    failed = master.wait_for("notify_failed")
    assert_equal %w[ready 3], [failed[:notification], failed[:code]]
    master.kill_and_wait(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_60_a_missing_program_is_said_and_harms_nobody
    notify("no-such-program-anywhere")
    master, before = start_running
    assert_match(/No such file/, master.wait_for("notify_failed")[:error])
    master.kill_and_wait(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_60_too_many_are_dropped_and_said
    notify(*HANG, timeout: 1000)
    master, = start_running(processes: 40, environment: { "FAKE_TIMEOUT_MS" => "1000" })
    assert_equal "1", master.wait_for("notify_dropped")[:count]
    master.wait_status("what was dropped") { |status| status["counters"]["notify_dropped"].positive? }
    assert_clean_stop(master)
    # What came later is said at the end: 40 are ready, the service stops, and 36 run or wait.
    assert_equal 5, master.log.select("notify_dropped").sum { |event| event[:count].to_i }
    wait_nothing_left
  end

  def test_fs_59_a_unit_that_stops_with_one_oom_kill_is_warned_of
    systemctl("stop")
    master = start(before: in_unit("shop.service"), environment: { "PATH" => path_with_systemctl })
    warning = master.wait_for("warning", msg: /OOMPolicy/)
    assert_match(/\Ashop\.service has OOMPolicy=stop.*OOMPolicy=continue/, warning[:msg])
    assert_equal %w[show --property=OOMPolicy --value -- shop.service], File.readlines(words_path, chomp: true)
    assert_clean_stop(master)
  end

  def test_fs_59_a_unit_that_continues_is_nothing_to_say
    systemctl("continue")
    master = start(before: in_unit("shop.service"), environment: { "PATH" => path_with_systemctl })
    master.wait_running(2)
    Deadline.wait("the question") { File.exist?(words_path) }
    assert_clean_stop(master)
    assert_empty master.log.select("warning", msg: /OOMPolicy/).map(&:line)
  end

  private

  def told_path
    File.join(folder, "told")
  end

  def words_path
    File.join(folder, "words")
  end

  def path_with_systemctl
    "#{folder}:#{ENV.fetch("PATH")}"
  end

  # All that the program was told, in the order in which it wrote.
  def told
    return [] unless File.exist?(told_path)

    File.readlines(told_path).select { |line| line.end_with?("\n") }.map { |line| JSON.parse(line) }
  end

  def told_events
    told.map { |one| one["event"] }
  end

  # Ends the service; a worker stays until the program was told of it.
  def stop_when_told(master)
    orders.set("always worker.1 term wait")
    master.signal(:TERM)
    Deadline.wait("the notification of the stop") { find_told("stopping") }
    orders.set
    assert_equal 0, master.wait_exit.exitstatus
  end

  def find_told(event)
    told.find { |one| one["event"] == event }
  end

  # Writes the file that the master reads. Words of TOML are those of JSON here.
  def notify(*exec, events: nil, timeout: 60)
    lines = ["[notify]", "exec = #{exec.to_json}", "timeout = #{timeout}"]
    lines << "events = #{events.to_json}" if events
    File.write(File.join(folder, "sidekiq-swarm.toml"), "#{lines.join("\n")}\n")
  end

  # A program in place of the real one, which writes down its words and gives that answer.
  def systemctl(answer)
    path = File.join(folder, "systemctl")
    File.write(path, <<~SH)
      #!/bin/sh
      for word; do echo "$word"; done >'#{words_path}.new'
      mv '#{words_path}.new' '#{words_path}'
      echo #{answer}
    SH
    File.chmod(0o700, path)
  end

  # A command that starts another in a control group of the name that systemd would give it.
  def in_unit(name)
    @group = ControlGroup.make(:memory) or skip "no control group of memory may be made here"
    @inner = File.join(@group.path, name)
    Dir.mkdir(@inner)
    ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', @inner]
  end

  def remove(path)
    Dir.rmdir(path)
    true
  rescue Errno::EBUSY
    false
  end
end
