# frozen_string_literal: true

require_relative "support/fake_case"
require_relative "support/namespace"

# process_one_test.rb: the master as process 1 of a container (FS-49), and where pids come round (FS-48).
class ProcessOneTest < FakeCase
  def setup
    super
    @command = Namespace.command
  end

  def test_fs_49_as_process_one_it_serves_and_stops
    master, before = start_inside
    assert_equal 1, master.status["pid"]
    kill_inside(before[0])
    master.wait_for("worker_run", slot: 0, after: master.wait_end(before[0]))
    assert_equal before[1], master.running_by_slot[1]
    stop_inside(master, :TERM)
  end

  def test_fs_49_as_process_one_it_takes_int
    master, = start_inside
    stop_inside(master, :INT)
  end

  def test_fs_49_as_process_one_it_reaps_strangers
    orders.set("30 worker.0 idle child session")
    master, before = start_inside
    Deadline.wait("the subprocesses") { journal("session").size == 30 }
    kill_inside(before[0])
    master.wait_for("worker_run", slot: 0, after: master.wait_end(before[0]))
    strangers = Deadline.wait("their adoption") do
      found = Namespace.children(@one).select { |pid| Processes.find(pid)&.session == pid }
      found if found.size == 30
    end
    strangers.each { |pid| Process.kill(:KILL, pid) }
    Deadline.wait("their reaping") { strangers.none? { |pid| Processes.find(pid)&.parent == @one } }
    assert_equal before[1], master.running_by_slot[1]
    stop_inside(master, :TERM)
  end

  def test_fs_49_as_process_one_it_reaps_zombies_that_came_before_it
    # The shell leaves children behind and becomes the master: they are its zombies from the start.
    master, before = start_inside(shell: "true & true & true & (sleep 1000 & exec true) ; exec \"$@\"")
    sleeper = Deadline.wait("the stray") do
      Namespace.children(@one).find { |pid| Processes.find(pid)&.name == "sleep" }
    end
    Process.kill(:KILL, sleeper)
    Deadline.wait("no zombie") { Namespace.children(@one).none? { |pid| Processes.find(pid)&.state == "Z" } }
    assert_equal before, master.running_by_slot
    stop_inside(master, :TERM)
  end

  def test_fs_48_a_pid_that_came_round_is_never_hit
    skip "pid_max is the whole machine's before Linux 6.14" if linux_before?(6, 14)
    skip "pid_max may not be set in a namespace here" unless pid_max_is_ours?
    # A loop in the same namespace uses pids up, so that a dead worker's comes round within a second.
    master, = start_inside(processes: 3, shell: 'echo 400 > /proc/sys/kernel/pid_max || exit 9
                                                 (while :; do /bin/true; done) & exec "$@"')
    6.times do
      before = master.wait_running(3)
      began = master.log.select("worker_run").last
      assert_equal 0, master.verb("recycle", "1").last
      gone = master.wait_end(before[1], after: began)
      assert_equal "recycle", gone[:reason]
      assert_equal before.except(1), master.wait_running(3).except(1)
    end
    assert_empty master.log.select("worker_lost").map(&:line)
    assert_operator journal("ready", who: "worker").map { |entry| entry["pid"].to_i }.max, :<, 400
    stop_inside(master, :TERM)
  end

  private

  # Starts the master as process 1, through `shell` if given; its pids in the log are those inside.
  def start_inside(shell: nil, **more)
    skip "no pid namespace may be made here" unless @command
    words = shell ? @command + ["sh", "-c", shell, "sh"] : @command
    master, before = start_running(before: words, **more)
    @one = Namespace.first_process(master.pid)
    [master, before]
  end

  # Signals by the pid that the log tells.
  def kill_inside(pid)
    outer = Namespace.children(@one).find { |child| Namespace.inner_pid(child) == pid }
    Process.kill(:KILL, outer)
  end

  def stop_inside(master, signal)
    Process.kill(signal, @one)
    assert_equal 0, master.wait_exit.exitstatus
    wait_nothing_left
  end

  def pid_max_is_ours?
    @command && Open3.capture2e(*@command, "sh", "-c", "echo 400 > /proc/sys/kernel/pid_max").last.success?
  end

  def linux_before?(*version)
    (File.read("/proc/sys/kernel/osrelease").split(/[.-]/).first(2).map(&:to_i) <=> version).negative?
  end
end
