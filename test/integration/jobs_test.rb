# frozen_string_literal: true

require_relative "support/integration_test"

# Jobs are worked, and each worker is a Sidekiq process of its own.
class JobsTest < IntegrationTest
  def test_all_jobs_are_done
    service = plain(2, "-c", 2)
    service.wait_until_ready(2)
    200.times { redis.enqueue("CountJob") }
    wait_for_count(service, "count", 200)

    assert_stops service
    assert_equal [200, 0], [redis.count("count"), redis.call("LLEN", "queue:default")]
  end

  def test_each_worker_has_its_own_index_and_random_numbers
    service = plain(2, "-c", 1)
    told = told_by(service, 2)

    assert_equal({ 0 => "0", 1 => "1" }, service.ready_workers.transform_values { |pid| told[pid]["index"] })
    told.each_value { |line| assert_equal line["index"], line["inherited"] }
    assert_equal 2, told.values.map { |line| line["random"] }.uniq.size
    assert_stops service
  end

  def test_the_index_begins_where_the_masters_own_index_says
    service = plain(2, "-c", 1, env: { "INDEX" => "10" })

    assert_equal(%w[10 11], told_by(service, 2).values.map { |line| line["index"] }.sort)
    assert_stops service
  end

  def test_a_worker_is_a_child_of_the_master_and_leads_a_group
    service = plain(1, "-c", 1)
    pid, line = told_by(service, 1).first

    assert_equal [service.pid, pid], line.values_at("ppid", "pgid")
    assert_stops service
  end

  def test_each_worker_has_a_heartbeat_row_of_its_own
    service = plain(3)
    workers = service.wait_until_ready(3)
    service.wait("a heartbeat of each worker") { heartbeat_pids == workers.values.sort }

    assert_equal 3, redis.heartbeats.size
    assert_stops service
  end

  def test_a_job_that_fails_leaves_its_worker_alone
    service = plain(1)
    workers = service.wait_until_ready(1)
    redis.enqueue("FailJob")
    redis.enqueue("CountJob")
    wait_for_count(service, "count", 1)

    assert_equal workers, service.ready_workers
    assert_stops service
  end

  private

  # What the workers tell of themselves, by pid, once each has.
  def told_by(service, workers)
    service.wait_until_ready(workers)
    service.wait("#{workers} workers that tell of themselves") do
      redis.enqueue("TellJob") if redis.call("LLEN", "queue:default").zero?
      lines = redis.call("LRANGE", "told", 0, -1).map { |line| JSON.parse(line) }
      by_pid = lines.to_h { |line| [line["pid"], line] }
      by_pid.size == workers && by_pid
    end
  end

  def heartbeat_pids
    redis.heartbeats.values.filter_map { |row| row["info"] && JSON.parse(row["info"])["pid"] }.sort
  end
end
