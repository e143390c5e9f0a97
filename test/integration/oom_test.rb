# frozen_string_literal: true

require_relative "fake/support/control_group"
require_relative "support/integration_test"

# Real want of memory: the service runs in a control group of the test's own, with a limit, and the kernel does what it
# does. Redis and the test stay outside.
class OomTest < IntegrationTest
  MIB = 1 << 20
  LIMIT = 400 * MIB
  OFTEN = ["--check-interval", "0.2", "--memory-grace", "0"].freeze

  def setup
    super
    @group = ControlGroup.make(:memory)
    skip "no control group for memory may be made here (version 1 or 2; root or delegation)" unless @group
    @group.set(LIMIT)
    skip "swap cannot be kept away from the control group" unless @group.forbid_swap(LIMIT)
  end

  def teardown
    super
  ensure
    @group&.remove
  end

  def test_fs_03_the_kernels_kill_is_told_and_is_no_crash_loop
    service = start(1)
    jid = redis.enqueue("GulpJob", 2 * LIMIT / MIB, 400)
    victim = service.ready_workers.fetch(0)
    lost = service.wait_for_event("worker_lost", pid: victim)

    assert_equal %w[KILL yes], [lost[:signal], lost[:oom]], lost.line
    assert_match(/\bGulpJob:#{jid}:\d+/, lost[:jobs])
    service.wait_for_event("worker_run", count: 2)
    assert_works(service)
    assert_empty service.events("slot_backoff").map(&:line)
    assert_equal 1, service.status.dig("counters", "ooms")
    assert_stops service
  end

  # Each of the three alone is too large for the group: none can stay.
  def test_fs_03_after_kills_of_all_workers_they_come_back_one_at_a_time
    service = start(3, "-c", 1, "--log-level", "debug")
    3.times { redis.enqueue("GulpJob", 2 * LIMIT / MIB, 300) }
    service.wait_for_event("worker_lost", count: 3, oom: "yes")
    service.wait_for_event("worker_run", count: 6)

    assert_equal 3, service.events("worker_lost").size
    assert_equal 1, most_that_boot(service)
    assert_empty service.events("mold_gone").map(&:line)
    assert_works(service)
    assert_stops service
  end

  def test_the_master_is_the_last_that_the_kernel_would_choose
    service = start(1)
    mold = service.events("mold_ready").last.number(:pid)
    scores = [service.pid, mold, service.ready_workers.fetch(0)].map { |pid| oom_score_adj(pid) }

    assert_equal scores.sort.uniq, scores, "master, mold, worker"
    assert_equal oom_score_adj(Process.pid), scores.first
    assert_stops service
  end

  def test_fs_27_pages_of_files_are_no_reason_to_recycle
    skip "#{folder} is in memory: its files are no cache" if in_memory?
    service = start(2, "--max-total", "auto", *OFTEN)
    before = service.ready_workers
    redis.enqueue("CacheJob", LIMIT / MIB, File.join(folder, "large"))
    wait_for_count(service, "cached", 1)
    figures = service.wait("a group filled by cache") { filled(service.status.fetch("group")) }
    # A replacement by order shows that checks went on meanwhile.
    service.verb("recycle", "0")
    service.wait_for_event("worker_gone", pid: before.fetch(0))

    assert_operator figures["total_bytes"], :<, figures["total_limit_bytes"]
    assert_equal ["recycle"], service.events("recycle").map { |event| event[:reason] }
    assert_empty service.events("limit_reached").map(&:line)
    assert_equal before.fetch(1), service.ready_workers.fetch(1)
    assert_stops service
  end

  def test_growth_near_the_groups_limit_recycles_the_largest_before_the_kernel_acts
    service = start(2, "--max-total", "auto", *OFTEN)
    recycle = leak_until_recycled(service)

    assert_equal "total", recycle[:reason]
    # It acts while there is still room for the successor.
    assert_operator recycle.number(:total_kib), :>, 0.9 * recycle.number(:limit_kib)
    assert_in_delta 0.9 * LIMIT / 1024, recycle.number(:limit_kib), 8
    service.wait_for_event("worker_gone", pid: recycle.number(:pid), reason: "total")
    assert_equal @sent, redis.count("leaked")
    assert_empty service.events("worker_lost").map(&:line)
    assert_stops service
  end

  private

  # The shell moves itself into the group and becomes the master.
  def start(processes, *words)
    command = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', @group.path, Service::BINARY]
    plain(processes, *words, command: command).tap { |service| service.wait_until_ready(processes) }
  end

  def assert_works(service)
    redis.enqueue("CountJob")
    wait_for_count(service, "count", 1)
  end

  # Jobs leak, one after another, until a worker is recycled for it; returns that line. Other jobs in between take their
  # time, so that the total is looked at more than once on its way to the limit.
  def leak_until_recycled(service)
    @sent = 0
    until (line = service.events("recycle").first)
      redis.enqueue("LeakJob", 3)
      redis.enqueue("HoldJob", 0.1)
      @sent += 1
      %w[leaked held].each { |key| wait_for_count(service, key, @sent) }
    end
    line
  end

  # The greatest number of workers that were asked for and not ready, after the first was lost.
  def most_that_boot(service)
    later = service.events.drop_while { |event| event.name != "worker_lost" }
    counts = later.each_with_object([0]) do |event, list|
      list << (list.last + 1) if event.name == "worker_spawning"
      list << (list.last - 1) if event.name == "worker_ready"
    end
    counts.max
  end

  def filled(figures)
    full = figures["cache_bytes"].to_i > LIMIT / 2 && figures["used_bytes"].to_i > figures["total_limit_bytes"].to_i
    figures if full
  end

  def oom_score_adj(pid)
    Integer(File.read("/proc/#{pid}/oom_score_adj"))
  end

  # statfs(2): the magic numbers of tmpfs and ramfs.
  def in_memory?
    type = IO.popen(["stat", "--file-system", "--format=%T", folder], &:read).strip
    %w[tmpfs ramfs].include?(type)
  end
end
