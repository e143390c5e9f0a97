# frozen_string_literal: true

require_relative "support/integration_test"

# Limits of memory with real leaks in real Sidekiqs. A fresh worker of the plain application has some 30 MB.
class MemoryTest < IntegrationTest
  OFTEN = ["--check-interval", "0.2", "--memory-grace", "0"].freeze
  FETCHES = "worker_run"
  LEAVES = %w[worker_quiet worker_term worker_kill worker_lost].freeze
  KIB = 1024

  def test_fs_16_a_leak_in_ruby_is_ended_by_a_successor_that_is_ready_first
    service = start("--max-rss", "80M", *OFTEN)
    before = service.ready_workers
    recycle = leak_until_recycled(service, "LeakJob", 5)
    old = recycle.number(:pid)
    gone = service.wait_for_event("worker_gone", pid: old)

    assert_equal %w[rss max-rss 1/1], %i[reason limit cycles].map { |key| recycle[key] }
    assert_equal 80 * KIB, recycle.number(:limit_kib)
    assert_operator recycle.number(:rss_kib), :>, 80 * KIB
    assert_equal %w[rss 0], [gone[:reason], gone[:code]]
    assert_successor_first(service, recycle)
    assert_operator least_fetching(service, before.size), :>=, before.size
    assert_stops service
    assert_equal @sent, redis.count("leaked"), "a job was lost, or done twice"
  end

  def test_fs_16_a_worker_above_its_limit_finishes_the_job_it_holds
    service = start("--max-rss", "80M", *OFTEN, processes: 1)
    redis.enqueue("SleepJob", 600)
    wait_for_count(service, "slept:started", 1)
    recycle = leak_until_recycled(service, "LeakJob", 5)
    service.wait_for_event("worker_quiet", pid: recycle.number(:pid))
    assert_match(/\bSleepJob:\h{24}:\d+/, recycle[:jobs])
    redis.call("SET", "slept:enough", 1)
    service.wait_for_event("worker_gone", pid: recycle.number(:pid), reason: "rss", code: 0)

    assert_equal 1, redis.count("slept:done")
    assert_stops service
  end

  def test_fs_16_a_leak_outside_of_rubys_heap_is_seen_by_what_the_worker_has_alone
    service = start("--max-uss", "60M", *OFTEN)
    recycle = leak_until_recycled(service, "NativeLeakJob", 5, "native")

    assert_equal %w[uss max-uss], %i[reason limit].map { |key| recycle[key] }
    assert_operator recycle.number(:uss_kib), :>, recycle.number(:limit_kib)
    assert_equal 60 * KIB, recycle.number(:limit_kib)
    service.wait_for_event("worker_gone", pid: recycle.number(:pid), reason: "uss", code: 0)
    assert_stops service
    assert_equal @sent, redis.count("native")
  end

  # The limit is reached long before the next check of five seconds.
  def test_fs_18_a_gulp_of_memory_is_ended_by_the_hard_limit_and_its_job_is_named
    service = start("--kill-rss", "150M", "--kill-grace", "1", "-c", 1, processes: 2)
    before = service.ready_workers
    jid = redis.enqueue("GulpJob", 512, 512, 600)
    recycle = service.wait_for_event("recycle")
    victim = recycle.number(:pid)
    gone = service.wait_for_event("worker_gone", pid: victim)

    assert_equal %w[kill_rss kill-rss], %i[reason limit].map { |key| recycle[key] }
    assert_operator recycle.number(:rss_kib), :>, recycle.number(:limit_kib)
    assert_equal %w[kill_rss KILL], [gone[:reason], gone[:signal]]
    [recycle, service.wait_for_event("worker_kill", pid: victim), gone].each { |line| assert_names jid, line }
    service.wait_for_event("worker_run", slot: recycle.number(:slot), count: 2)
    assert_equal 0, redis.count("gulped:done")
    assert_untouched(service, before, but: victim)
    assert_stops service
  end

  def test_fs_02_fs_09_a_killed_worker_names_the_jobs_that_it_takes_with_it
    service = start("-c", 2, processes: 1)
    jids = Array.new(2) { redis.enqueue("SleepJob", 600) }
    wait_for_count(service, "slept:started", 2)
    victim = service.ready_workers.fetch(0)
    service.signal_process(victim, :KILL)
    lost = service.wait_for_event("worker_lost", pid: victim, signal: "KILL", oom: "no")

    jids.each { |jid| assert_match(/\bSleepJob:#{jid}:\d+/, lost[:jobs]) }
    service.wait_for_event("worker_run", count: 2)
    assert_stops service
  end

  def test_dry_run_tells_and_leaves_the_worker_alone
    service = start("--max-rss", "80M", "--dry-run-limits", *OFTEN)
    before = service.ready_workers
    told = leak_until(service, "would_recycle", "LeakJob", 5, "leaked")
    assert_equal %w[rss max-rss], %i[reason limit].map { |key| told[key] }
    # A replacement by order shows that checks went on meanwhile.
    kept = before.values.find { |pid| pid != told.number(:pid) }
    service.verb("recycle", before.key(kept).to_s)
    service.wait_for_event("worker_gone", pid: kept)

    assert_equal ["recycle"], service.events("recycle").map { |event| event[:reason] }.uniq
    assert_untouched(service, before, but: kept)
    assert_stops service
  end

  # monitrc: if totalmem > 120 MB for 2 cycles then restart
  def test_a_rule_counts_the_programs_of_jobs
    service = start("--swarm-config", rule_file, "--check-interval", "0.2", "--drain-timeout", "1", "-t", 1)
    redis.enqueue("SpawnJob", 150, 600)
    recycle = service.wait_for_event("recycle")
    fired = service.wait_for_event("rule_fired", pid: recycle.number(:pid))

    assert_equal ["rule", "family", "family"], [recycle[:reason], recycle[:rule], fired[:rule]]
    gone = service.wait_for_event("worker_gone", pid: recycle.number(:pid), reason: "rule")
    assert_operator gone.number(:rss_kib), :<, 120 * KIB, "it is large without its programs"
    assert_stops service
  end

  private

  def start(*words, processes: 2)
    plain(processes, *words).tap { |service| service.wait_until_ready(processes) }
  end

  # Lets jobs leak, one after another, until a worker is recycled for it; returns that line.
  def leak_until_recycled(service, job, megabytes, key = "leaked")
    leak_until(service, "recycle", job, megabytes, key)
  end

  def leak_until(service, event, job, megabytes, key)
    @sent = 0
    until (line = service.events(event).first)
      redis.enqueue(job, megabytes)
      wait_for_count(service, key, @sent += 1)
    end
    line
  end

  def assert_names(jid, line)
    assert_match(/\bGulpJob:#{jid}:\d+/, line[:jobs].to_s, line.line)
  end

  def assert_untouched(service, before, but:)
    before.each_value do |pid|
      assert ProcessTable.find(pid), "worker #{pid} is gone" unless pid == but
    end
    assert_empty service.events("worker_lost").map(&:line)
  end

  # The successor runs, and only then is the old one quieted.
  def assert_successor_first(service, recycle)
    all = service.events
    later = all.drop(all.index { |event| event.line == recycle.line })
    own = later.select { |event| event[:slot] == recycle[:slot] }.map(&:name)
    steps = %w[worker_run worker_quiet worker_term worker_gone]
    assert_equal steps, own & steps
  end

  # How few workers have fetched since there were so many for the first time.
  def least_fetching(service, processes)
    fetching = []
    sizes = service.events.map do |event|
      fetching |= [event[:pid]] if event.name == FETCHES
      fetching -= [event[:pid]] if LEAVES.include?(event.name)
      fetching.size
    end
    sizes.drop_while { |size| size < processes }.min
  end

  def rule_file
    File.join(folder, "swarm.toml").tap do |path|
      File.write(path, <<~TOML)
        [[rule]]
        name = "family"
        when = "total > 120 MB"
        for = "2 cycles"
        then = "recycle"
      TOML
    end
  end
end
