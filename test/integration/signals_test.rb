# frozen_string_literal: true

require_relative "support/integration_test"

# The signals of the master, with real Sidekiq workers.
class SignalsTest < IntegrationTest
  def test_tstp_quiets_all_workers_for_good
    assert_quiets(:TSTP)
  end

  def test_usr1_quiets_as_in_old_sidekiq
    assert_quiets(:USR1)
  end

  def test_a_worker_that_dies_while_quiet_is_not_replaced
    service = quieted(:TSTP)
    victim = service.ready_workers.fetch(0)
    service.signal_process(victim, :KILL)
    service.wait("the death of #{victim}") { (service.events("worker_lost") + service.events("worker_gone")).any? }
    redis.enqueue("CountJob")

    assert_stops service
    assert_equal [2, 0], [service.events("worker_ready").size, redis.count("count")]
  end

  def test_term_lets_jobs_finish
    assert_finishes_the_job(:TERM)
  end

  def test_int_is_as_term
    assert_finishes_the_job(:INT)
  end

  # With -t below 3 s Sidekiq itself may lose the job: its idle threads still wait for one when it pushes
  # this one back.
  def test_term_pushes_back_what_takes_too_long
    service = busy(600, "-t", 5)

    assert service.stop.success?
    assert_equal [1, 0], [redis.call("LLEN", "queue:default"), redis.count("slept:done")]
  end

  def test_ttin_dumps_the_threads_of_each_worker_and_the_state_of_the_master
    service = plain(2)
    workers = service.wait_until_ready(2).values
    service.wait_for_event("worker_run", count: 2)
    service.signal(:TTIN)
    workers.each { |pid| service.wait("a dump of #{pid}") { service.log.match?(/pid=#{pid} .*Thread TID-/) } }
    service.wait_for_event("state")

    assert_equal workers, service.ready_workers.values
    assert_stops service
  end

  def test_hup_usr2_and_ttou_do_no_harm
    service = plain(1)
    workers = service.wait_until_ready(1)
    %i[HUP USR2 TTOU].each { |name| service.signal(name) }
    %w[HUP USR2 TTOU].each { |name| service.wait("a line about #{name}") { service.log.include?(name) } }
    redis.enqueue("CountJob")
    wait_for_count(service, "count", 1)

    assert_equal workers, service.ready_workers
    assert_stops service
  end

  def test_every_process_signalled_at_once_as_a_dyno_does
    service = plain(2)
    service.wait_until_ready(2)
    service.wait_for_event("worker_run", count: 2)
    service.processes.each { |entry| service.signal_process(entry.pid, :TERM) }

    assert service.wait_for_exit.success?
    service.wait_until_all_gone
    assert_equal 2, service.events("worker_ready").size
  end

  private

  # Quiets twice, sends jobs, stops: no job may have been fetched.
  def assert_quiets(name)
    service = quieted(name)
    service.signal(name)
    5.times { redis.enqueue("CountJob") }

    assert_stops service
    assert_equal [5, 0], [redis.call("LLEN", "queue:default"), redis.count("count")]
  end

  # Two workers that have gone quiet by this signal to the master.
  def quieted(name)
    service = plain(2, env: journal_env)
    service.wait_until_ready(2)
    service.wait_for_event("worker_run", count: 2)
    service.signal(name)
    service.wait("two quiet workers") { journal("quiet").size == 2 }
    service
  end

  def assert_finishes_the_job(name)
    service = busy(600)
    service.signal(name)
    service.wait_for_event("stopping")
    redis.call("SET", "slept:enough", "1")

    assert service.wait_for_exit.success?
    service.wait_until_all_gone
    assert_equal [1, 0], [redis.count("slept:done"), redis.call("LLEN", "queue:default")]
  end

  # One worker within a job of so many seconds.
  def busy(seconds, *more)
    service = plain(1, *more)
    service.wait_until_ready(1)
    redis.enqueue("SleepJob", seconds)
    wait_for_count(service, "slept:started", 1)
    service
  end
end
