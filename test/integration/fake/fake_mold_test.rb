# frozen_string_literal: true

require "json"
require_relative "support/board_view"
require_relative "support/fake_case"

# fake_mold_test.rb: the fake mold does what its README says of boards and memory, so that tests that build on it
# judge the master.
class FakeMoldTest < FakeCase
  MIB_KIB = 1024

  def test_jobs_stand_on_the_board_as_long_as_they_are_ordered
    master, board = start_one
    orders.set("always worker.0 jobs busy 2", "always worker.0 job HardJob abc123")
    jobs = Deadline.wait("three jobs on the board") { board.jobs.then { |found| found if found.size == 3 } }
    assert_equal [%w[FakeJob fake-0-1], %w[FakeJob fake-0-2], %w[HardJob abc123]],
                 jobs.map { |job| [job.name, job.jid] }.sort
    jobs.each { |job| assert_job(board, job) }
    wait_busy(master, slot: 0, count: 3)
    orders.set("1 worker.0 jobs done 7 SoftJob")
    Deadline.wait("all jobs to be done") { board.head.done == 10 && orders.used_up? }
    assert_empty board.jobs
    assert_equal({ "FakeJob" => [2, 2, 0], "HardJob" => [1, 1, 0], "SoftJob" => [7, 7, 0] }, board.classes)
    assert_equal [10, 0], [board.head.started, board.head.busy]
    assert_clean_stop(master)
  end

  def test_records_and_classes_have_an_end_and_jobs_have_none
    master, board = start_one
    named = Array.new(63) { |number| "always worker.0 job Class#{number} jid#{number}" }
    orders.set("always worker.0 jobs busy 130", *named)
    Deadline.wait("jobs beyond the records") { board.head.busy == 130 + 63 }
    assert_equal 128, board.jobs.size
    assert_equal [64, "(other)"], [board.classes.size, board.classes.keys.last]
    orders.set
    Deadline.wait("the end of all jobs") { board.head.done == 130 + 63 }
    assert_equal 0, board.head.busy
    assert_empty board.jobs
    assert_clean_stop(master)
  end

  def test_a_quiet_worker_takes_no_job
    master, board, pid = start_one
    Process.kill(:TSTP, pid)
    Deadline.wait("a quiet board") { board.head.quiet == 1 }
    orders.set("always worker.0 jobs busy 1", "always worker.0 job HardJob abc123")
    pass_ticks(pid)
    assert_equal [0, 0], [board.head.busy, board.head.started]
    assert_clean_stop(master)
  end

  def test_wedged_it_beats_without_progress
    master, board = start_one
    Deadline.wait("progress") { board.head.progress > 3 }
    orders.set("always worker.0 idle wedge")
    wait_for_beats_without_progress(board)
    stands_at = board.head.progress
    orders.set
    Deadline.wait("progress after the order") { board.head.progress > stands_at }
    assert_clean_stop(master)
  end

  def test_mute_it_gives_no_sign_and_obeys
    master, board, pid = start_one
    orders.set("always worker.0 idle mute")
    heads = []
    Deadline.wait("silence") do
      pass_ticks(pid)
      heads << board.head
      heads.size > 2 && heads.last(3).uniq.size == 1
    end
    orders.set
    Deadline.wait("a beat after the order") { board.head.beat_ms > heads.last.beat_ms }
    assert_operator board.head.progress, :>, heads.last.progress
    assert_clean_stop(master)
  end

  def test_what_a_worker_eats_is_its_own_and_is_given_back
    master, _board, pid = start_one
    before = private_kib(pid)
    orders.set("always worker.0 idle eat 100")
    wait_journal("ate", pid: pid, number: 100)
    assert_operator private_kib(pid) - before, :>=, 100 * MIB_KIB
    orders.set("always worker.0 idle eat 10")
    wait_journal("ate", pid: pid, number: 10)
    assert_includes (10 * MIB_KIB)..(50 * MIB_KIB), private_kib(pid) - before
    orders.set("1 worker.0 idle eat 0")
    wait_journal("ate", pid: pid, number: 0)
    assert_clean_stop(master)
  end

  def test_it_grows_to_what_is_ordered
    master, _board, pid = start_one
    before = private_kib(pid)
    orders.set("1 worker.0 idle eat rate 200 120")
    wait_journal("ate", pid: pid, number: 120)
    meals = journal("ate", pid: pid).map { |entry| entry["number"].to_i }
    assert_equal meals.sort.uniq, meals
    assert_equal 120, meals.last
    assert_operator private_kib(pid) - before, :>=, 120 * MIB_KIB
    assert_clean_stop(master)
  end

  def test_a_subprocess_eats_in_its_workers_group
    master, _board, pid = start_one
    orders.set("1 worker.0 idle child eat 80")
    child = wait_journal("ate", number: 80)["pid"].to_i
    assert_equal [pid, pid], [Processes.find(child).parent, Processes.find(child).group]
    assert_operator private_kib(child), :>=, 80 * MIB_KIB
    assert_clean_stop(master)
    wait_nothing_left
  end

  # FS-37: what the mold holds is shared with the workers, and no worker's own.
  def test_what_the_mold_eats_costs_its_workers_nothing
    master, _board, pid = start_one
    orders.set("always mold idle eat 150")
    mold = wait_journal("ate", who: "mold", number: 150)["pid"].to_i
    assert_operator rss_kib(mold), :>=, 150 * MIB_KIB
    master.kill_and_wait(pid)
    worker = wait_ready_again(slot: 0, except: pid)["pid"].to_i
    assert_operator private_kib(worker), :<, 75 * MIB_KIB
    orders.add("always worker.0 idle eat 5")
    wait_journal("ate", pid: worker, number: 5)
    assert_clean_stop(master)
  end

  def test_spinning_it_beats_on
    master, board, pid = start_one
    orders.set("always worker.0 idle spin")
    cpu = cpu_ticks(pid)
    Deadline.wait("half a second of CPU time", within: 60) { cpu_ticks(pid) >= cpu + 50 }
    beat = board.head.beat_ms
    Deadline.wait("a beat beside") { board.head.beat_ms > beat }
    orders.set
    Deadline.wait("the end of the thread that spins") { Dir.children("/proc/#{pid}/task").size == 1 }
    assert_clean_stop(master)
  end

  private

  # A master with one worker; its board and its pid.
  def start_one
    master, before = start_running(processes: 1)
    [master, BoardView.new(before[0]), before[0]]
  rescue BoardView::Refused => e
    assert_clean_stop(masters.last)
    skip "the memory of other processes cannot be read here: #{e.message}"
  end

  def assert_job(board, job)
    assert_equal "default", job.queue
    assert_equal job.name, board.classes.keys[job.class_row]
    assert_operator job.started_ms, :>, 0
    assert_equal({ "class" => job.name, "jid" => job.jid, "queue" => "default" },
                 JSON.parse(job.payload).slice("class", "jid", "queue"))
  end

  def wait_for_beats_without_progress(board)
    first = board.head
    beats = 0
    Deadline.wait("beats without progress") do
      now = board.head
      first = now and beats = 0 if now.progress != first.progress
      beats += 1 if now.beat_ms > first.beat_ms
      beats >= 5
    end
  end

  # Two signals, one after the other: between them the worker went through its tick.
  def pass_ticks(pid)
    2.times do
      seen = journal("ttin", pid: pid).size
      Process.kill(:TTIN, pid)
      Deadline.wait("the answer to TTIN") { journal("ttin", pid: pid).size > seen }
    end
  end

  # What the death of this process would give back.
  def private_kib(pid)
    File.read("/proc/#{pid}/smaps_rollup")[/^Private_Dirty: +(\d+)/, 1].to_i
  end

  def rss_kib(pid)
    File.read("/proc/#{pid}/status")[/^VmRSS:\s+(\d+)/, 1].to_i
  end

  def cpu_ticks(pid)
    text = File.read("/proc/#{pid}/stat")
    text[(text.rindex(")") + 2)..].split[11, 2].sum(&:to_i)
  end
end
