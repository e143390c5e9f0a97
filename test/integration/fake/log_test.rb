# frozen_string_literal: true

require "json"
require_relative "support/event_table"
require_relative "support/limits_case"

# log_test.rb: whole lives of services, written in each format, line by line against the table of events (F6).
class LogTest < LimitsCase
  TABLE = EventTable.new(File.join(Master::ROOT, "master/events.h"))
  SHAPES = {
    "text" => /\A\S+Z pid=\d+ tid=\d+ (?<level>[A-Z]+): event=(?<name>\w+)(?<rest>.*)\z/,
    "logfmt" => /\Ats=\S+ from=\d+ level=(?<level>[a-z]+) event=(?<name>\w+)(?<rest>.*)\z/
  }.freeze
  # What a life must have told; other events come as they may.
  TOLD = %w[
    starting mold_starting mold_ready fork_hygiene worker_spawning worker_hello worker_ready worker_run
    worker_lost worker_gone worker_quiet worker_term recycle quiet resume signal state failure failure_frame
    slot_backoff spawn_failed protocol_error mold_gone stopping mold_stopped stopped
  ].freeze
  TOLD_OF_LIMITS = %w[
    limit_too_low would_recycle recycle drain_first limit_reached hang hang_over trace rule_fired rule_over
    worker_stopped oom_wait given_up
  ].freeze

  TOLD_OF_REFORKS = %w[
    refork_begin refork_promote refork_failed refork_promoted refork_done mold_retired
  ].freeze

  (SHAPES.keys + ["json"]).each do |format|
    define_method("test_f6_every_line_of_a_life_in_#{format}_is_in_the_table") do
      assert_table(format, lines_of_a_life(format), TOLD)
    end

    define_method("test_f6_every_line_of_limits_in_#{format}_is_in_the_table") do
      live_with_limits(format)
      live_dryly(format)
      assert_table(format, lines, TOLD_OF_LIMITS)
    end

    define_method("test_f6_every_line_of_reforks_in_#{format}_is_in_the_table") do
      live_with_reforks(format)
      assert_table(format, lines, TOLD_OF_REFORKS)
    end

    define_method("test_f6_every_line_of_spares_in_#{format}_is_in_the_table") do
      live_with_a_spare(format)
      assert_table(format, lines, %w[worker_moved])
    end
  end

  private

  def assert_table(format, lines, told)
    shape = SHAPES[format]
    events = lines.map { |line| shape ? read(shape, line) : read_json(line) }
    assert_empty events.flat_map { |event| TABLE.faults(*event) }.uniq
    assert_empty told - events.map(&:first)
  end

  # The same of a line of JSON.
  def read_json(line)
    fields = JSON.parse(line)
    assert_equal %w[ts pid tid lvl ctx msg], fields.keys & %w[ts pid tid lvl ctx msg], line
    context = fields.fetch("ctx")
    [context.fetch("event") { fields.fetch("event") }, fields.fetch("lvl"), context.keys - ["event"]]
  end

  # [name, level, keys] of a line.
  def read(shape, line)
    match = shape.match(line)
    refute_nil match, "not in shape: #{line}"
    [match[:name], match[:level], match[:rest].scan(EventLog::FIELD).map(&:first)]
  end

  # A service whose spare takes a place.
  def live_with_a_spare(format)
    master = start("--log-format", format, "--spare", "1")
    wait_told(master, "worker_ready", 3)
    Process.kill(:KILL, status_pids(master).first)
    wait_told(master, "worker_moved", 1)
    wait_told(master, "worker_ready", 4)
    master.stop
  end

  # The lines of a service that had deaths, failures, lies, a recycle, a quiet, a dump and a stop.
  def lines_of_a_life(format)
    master = start("--log-format", format, environment: { "FAKE_THREADS" => "bee (started at a.rb:1)" })
    wait_told(master, "worker_run", 2)
    live(master)
    master.stop
    lines
  end

  def lines
    File.readlines(File.join(folder, "swarm.log"), chomp: true)
  end

  # A service with a long job, a worker that grows, one that is stopped and two that are killed, in a full group.
  def live_with_limits(format)
    rule(name: "large", when: "rss > 40M", else: "log")
    orders.set(meal = "always worker boot eat 20")
    group = make_group(300 * MIB)
    master = start("--log-format", format, *QUICK, "--max-rss", "80M", "--max-total", "auto", "--max-job-time", "0.5",
                   "--give-up", "1/1000")
    wait_told(master, "worker_run", 2)
    orders.add("always worker.0 job Long one")
    wait_told(master, "hang", 1)
    orders.set(meal)
    wait_told(master, "hang_over", 1)
    grow(master, group)
    be_killed(master, group)
    master.stop
  end

  def grow(master, group)
    pid = status_pids(master).first
    eat(pid, 60)
    wait_told(master, "large", 1)
    eat(pid, 20)
    wait_told(master, "rule_over", 1)
    group.charge(used: 290 * MIB)
    wait_told(master, "limit_reached", 1)
    eat(pid, 120)
    wait_told(master, "drain_first", 1)
    wait_gone(pid)
    wait_ready(master)
  end

  def be_killed(master, group)
    pid = status_pids(master).last
    Process.kill(:STOP, pid)
    wait_told(master, "worker_stopped", 1)
    group.count_ooms(1)
    Process.kill(:KILL, pid)
    wait_told(master, "oom_wait", 1)
    group.charge(used: 50 * MIB)
    wait_ready(master)
    Process.kill(:KILL, status_pids(master).last)
    wait_told(master, "given_up", 1)
  end

  # A service whose first re-fork is refused and whose second one goes well.
  def live_with_reforks(format)
    orders.set("1 worker promote raise 1 broken")
    master = start("--log-format", format, "--check-interval", "0.2", "--refork-after", "10")
    wait_told(master, "worker_run", 2)
    %w[refork_failed mold_retired].each do |name|
      wait_ready(master)
      orders.add("1 pid.#{status_pids(master).first} jobs done 100 Fast")
      wait_told(master, name, 1)
    end
    wait_told(master, "refork_done", 1)
    master.stop
  end

  # A service with limits that are only told of, one of them below a fresh worker.
  def live_dryly(format)
    orders.set("always worker.0 boot eat 60")
    master = start("--log-format", format, *QUICK, "--max-rss", "150M", "--max-uss", "40M", "--dry-run-limits")
    wait_told(master, "limit_too_low", 1)
    wait_ready(master)
    eat(status_pids(master).last, 100)
    wait_told(master, "would_recycle", 1)
    master.stop
  end

  def live(master)
    orders.set("1 worker after_fork raise 1 broken", "1 mold spawn errno EAGAIN")
    Process.kill(:KILL, status_pids(master).first)
    wait_told(master, "worker_run", 3)
    orders.set("1 mold idle garbage bytes")
    wait_told(master, "mold_ready", 2)
    wait_ready(master)
    master.verb("recycle", "1")
    wait_told(master, "worker_gone", 1)
    master.signal(:TTIN)
    master.verb("quiet")
    wait_told(master, "worker_quiet", 3)
    master.verb("resume")
    wait_told(master, "resume", 1)
    wait_ready(master)
  end

  def status_pids(master)
    master.status["slots"].flat_map { |slot| slot["workers"].map { |worker| worker["pid"] } }.compact
  end

  def wait_ready(master)
    master.wait_status("two workers that fetch") { |answer| answer["totals"]["ready"] == 2 }
  end

  # In whatever format: the event's name stands in each line of it.
  def wait_told(master, name, count)
    Deadline.wait("#{count} lines of #{name}", within: 60) do
      raise Deadline::Missed, "#{name} cannot come: the master left" if master.exited?

      File.foreach(File.join(folder, "swarm.log")).count { |line| line.match?(/\b#{name}\b/) } >= count
    end
  end
end
