# frozen_string_literal: true

require_relative "fake_case"

# refork_case.rb: a test of re-forks: workers that do jobs by order, until one becomes the next mold.
class ReforkCase < FakeCase
  JOBS = 100
  OFTEN = ["--refork-after", JOBS.to_s, "--check-interval", "0.2"].freeze

  # Starts a master whose workers run; returns it, their pids by slot and the pid of their mold.
  def start_reforking(*words, **more)
    master, before = start_running(*OFTEN, *words, **more)
    [master, before, master.mold_pid]
  end

  # Lets a worker do so many jobs.
  def work(pid, jobs: JOBS)
    orders.add("1 pid.#{pid} jobs done #{jobs} Fast")
  end

  # Lets a worker hold a job until `orders.set`.
  def keep_busy(master, pid, slot)
    orders.add("always pid.#{pid} jobs busy 1")
    wait_busy(master, slot: slot, count: 1)
  end

  # Waits until all slots have workers of that generation that fetch; returns their pids by slot.
  def wait_generation(master, generation, count)
    Deadline.wait("#{count} workers of generation #{generation}", within: 60) do
      running = master.running_by_slot
      generations = master.log.select("worker_run").to_h { |event| [event.pid, event[:gen]] }
      running if running.size == count && running.values.all? { |pid| generations[pid] == generation.to_s }
    end
  end

  # A re-fork failed so, and the mold that was there before goes on.
  def assert_failed(master, stage:, reason:, mold:, **keys)
    failed = master.wait_for("refork_failed", within: 60, **keys)
    assert_includes Array(stage), failed[:stage], failed.line
    assert_equal reason, failed[:reason], failed.line
    assert Processes.alive?(mold), "the mold before is gone"
    assert_forks(master, generation: 1, after: failed)
  end

  # A worker that is killed is replaced by a fork of that generation.
  def assert_forks(master, generation:, after: -1)
    slot, pid = master.wait_running(masters.size).max
    Process.kill(:KILL, pid)
    ending = master.wait_end(pid, after: after)
    assert_equal generation.to_s, master.wait_for("worker_run", slot: slot, after: ending)[:gen]
  end

  # No moment had fewer workers that fetch.
  def assert_never_below(master, count)
    assert_equal count, master.smallest_capacity(count)
  end
end
