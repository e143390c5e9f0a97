# frozen_string_literal: true

require "json"
require_relative "support/event_table"
require_relative "support/fake_case"

# log_test.rb: a whole life of a service, written in each format, line by line against the table of events (F6).
class LogTest < FakeCase
  TABLE = EventTable.new(File.join(Master::ROOT, "master/events.h"))
  SHAPES = {
    "text" => /\A\S+Z pid=\d+ tid=\d+ (?<level>[A-Z]+): event=(?<name>\w+)(?<rest>.*)\z/,
    "logfmt" => /\Ats=\S+ from=\d+ level=(?<level>[a-z]+) event=(?<name>\w+)(?<rest>.*)\z/
  }.freeze
  # What this life must have told; other events come as they may.
  TOLD = %w[
    starting mold_starting mold_ready fork_hygiene worker_spawning worker_hello worker_ready worker_run
    worker_lost worker_gone worker_quiet worker_term recycle quiet resume signal state failure failure_frame
    slot_backoff spawn_failed protocol_error mold_gone stopping mold_stopped stopped
  ].freeze

  SHAPES.each do |format, shape|
    define_method("test_f6_every_line_of_a_life_in_#{format}_is_in_the_table") do
      events = lines_of_a_life(format).map { |line| read(shape, line) }
      assert_table(events)
    end
  end

  def test_f6_every_line_of_a_life_in_json_is_in_the_table
    events = lines_of_a_life("json").map do |line|
      fields = JSON.parse(line)
      assert_equal %w[ts pid tid lvl ctx msg], fields.keys & %w[ts pid tid lvl ctx msg], line
      context = fields.fetch("ctx")
      [context.fetch("event") { fields.fetch("event") }, fields.fetch("lvl"), context.keys - ["event"]]
    end
    assert_table(events)
  end

  private

  # [name, level, keys] of a line.
  def read(shape, line)
    match = shape.match(line)
    refute_nil match, "not in shape: #{line}"
    [match[:name], match[:level], match[:rest].scan(EventLog::FIELD).map(&:first)]
  end

  def assert_table(events)
    assert_empty events.flat_map { |event| TABLE.faults(*event) }.uniq
    assert_empty TOLD - events.map(&:first)
  end

  # The lines of a service that had deaths, failures, lies, a recycle, a quiet, a dump and a stop.
  def lines_of_a_life(format)
    master = start("--log-format", format, environment: { "FAKE_THREADS" => "bee (started at a.rb:1)" })
    wait_told(master, "worker_run", 2)
    live(master)
    master.stop
    File.readlines(File.join(folder, "swarm.log"), chomp: true)
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
