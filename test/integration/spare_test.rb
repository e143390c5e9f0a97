# frozen_string_literal: true

require_relative "support/integration_test"

# A spare of the real program: Sidekiq, booted up to its first fetch.
class SpareTest < IntegrationTest
  WORKERS = 2

  def test_a19_a_spare_fetches_nothing_until_it_takes_a_place
    service, workers, spare = with_spare
    told = told_by(service, workers.values)
    assert_equal({ 0 => "0", 1 => "1" }, workers.transform_values { |pid| told[pid]["index"] })
    refute told.key?(spare), "the spare has worked a job"
    refute_includes heartbeat_pids, spare

    Process.kill(:KILL, workers[0])
    service.wait_for_event("worker_run", slot: 0, pid: spare)
    assert_equal "2", told_by(service, [spare, workers[1]])[spare]["index"]
    service.wait_for_event("worker_ready", count: 2, slot: WORKERS)
    assert_stops service
  end

  def test_a19_a_recycle_goes_to_the_spare_and_no_job_is_lost
    service, workers, spare = with_spare
    jobs = Array.new(200) { redis.enqueue("CountJob") }
    output, status = service.verb("recycle", "1")
    assert status.success?, output
    service.wait_for_event("worker_gone", pid: workers[1], reason: "recycle", code: 0)
    service.wait_for_event("worker_run", slot: 1, pid: spare)
    wait_for_count(service, "count", jobs.size)

    assert_stops service
    assert_equal [jobs.size, 0], [redis.count("count"), redis.call("LLEN", "queue:default")]
  end

  # FS-29: nothing can be forked, and nothing need be.
  def test_fs_29_a_spare_outlives_its_mold
    service, workers, spare = with_spare
    Process.kill(:KILL, service.events("mold_ready").last.number(:pid))
    service.wait_for_event("mold_gone", gen: 1)
    Process.kill(:KILL, workers[1])
    service.wait_for_event("worker_run", slot: 1, pid: spare)
    service.wait_for_event("worker_ready", slot: WORKERS, gen: 2)
    redis.enqueue("CountJob")
    wait_for_count(service, "count", 1)
    assert_stops service
  end

  def test_a19_a_spare_leaves_with_its_master
    service, = with_spare
    service.signal(:KILL)
    service.wait_for_exit
    service.wait_until_all_gone
  end

  private

  # A service with a spare at its gate: it, its workers by slot, the spare's pid.
  def with_spare
    service = plain(WORKERS, "-c", 1, "--spare", 1)
    pids = service.wait_until_ready(WORKERS + 1)
    [service, pids.slice(*0...WORKERS), pids.fetch(WORKERS)]
  end

  # What these workers tell of themselves, by pid, once each of them has.
  def told_by(service, pids)
    redis.call("DEL", "told")
    service.wait("workers #{pids} that tell of themselves") do
      redis.enqueue("TellJob") if redis.call("LLEN", "queue:default").zero?
      lines = redis.call("LRANGE", "told", 0, -1).map { |line| JSON.parse(line) }
      by_pid = lines.to_h { |line| [line["pid"], line] }
      by_pid if (pids - by_pid.keys).empty?
    end
  end

  def heartbeat_pids
    redis.heartbeats.values.filter_map { |row| row["info"] && JSON.parse(row["info"])["pid"] }
  end
end
