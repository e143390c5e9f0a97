# frozen_string_literal: true

require "minitest/autorun"
require "fileutils"
require "securerandom"
require "tmpdir"
require_relative "master"
require_relative "orders"

# fake_case.rb: a test with a real master, a fake mold and a folder of its own.
# It owns everything that is started: at the end nothing of it may be left, else the test fails.
class FakeCase < Minitest::Test
  # What a sanitizer prints when the master did something undefined.
  SANITIZER = /ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error:/

  attr_reader :folder, :orders, :masters

  def setup
    Processes.become_subreaper
    @mark = "SWARM_TEST_ID=#{SecureRandom.uuid}"
    # A short name: the path of a unix socket has 107 bytes.
    @folder = Dir.mktmpdir("sw", File.writable?("/tmp") ? "/tmp" : nil)
    @orders = Orders.new(File.join(folder, "orders"))
    @masters = []
  end

  def teardown
    puts "", name, *masters.map { |master| master.log.tail } unless passed? || skipped?
    end_masters
    left = wait_until_nothing_left
    left.each { |entry| Processes.kill(entry) }
    Processes.reap_orphans([])
    texts = masters.map { |master| master.log.text }
    FileUtils.remove_entry(folder)
    assert_empty left.map(&:to_s), "processes left behind"
    texts.each { |text| refute_match(SANITIZER, text) }
  end

  # Starts a master. Keys are those of Master.new, beside `processes`; other words go to it as they are.
  def start(*words, processes: 2, environment: {}, **more)
    options = ["--control", File.join(folder, "c.sock"), "--log-level", "debug"]
    options += ["--processes", processes.to_s] if processes
    name, value = @mark.split("=")
    marks = { name => value, "FAKE_ORDERS" => orders.path, "FAKE_JOURNAL" => journal_path,
              "FAKE_TIMEOUT_MS" => "1000", "FAKE_GRACE_MS" => "1000" }
    masters << Master.new(folder: folder, options: options + words,
                          environment: marks.merge(environment), **more)
    masters.last
  end

  # Starts a master and waits until all its workers run; returns it and their pids by slot.
  def start_running(*words, processes: 2, **more)
    master = start(*words, processes: processes, **more)
    [master, master.wait_running(processes)]
  end

  # What the fake processes wrote down: a list of hashes of texts.
  def journal(event = nil, **keys)
    return [] unless File.exist?(journal_path)

    entries = File.readlines(journal_path, chomp: true).map { |line| line.scan(/(\w+)=(\S+)/).to_h }
    entries.select do |entry|
      (event.nil? || entry["event"] == event) && keys.all? { |key, value| entry[key.to_s] == value.to_s }
    end
  end

  # Waits for a line of the journal.
  def wait_journal(event, within: 30, **keys)
    Deadline.wait("journal #{event} #{keys}", within: within) { journal(event, **keys).first }
  end

  # Waits until another worker than `except` is ready in that slot; returns its line of the journal.
  def wait_ready_again(slot:, except:)
    Deadline.wait("another worker in slot #{slot}") do
      journal("ready", who: "worker", slot: slot).find { |entry| entry["pid"] != except.to_s }
    end
  end

  # The worker that fills a slot, as the status tells.
  def current(status, slot)
    status["slots"].fetch(slot)["workers"].find { |worker| worker["role"] == "current" }
  end

  def workers_in_status(master)
    master.status["slots"].flat_map { |slot| slot["workers"] }
  end

  def wait_busy(master, slot:, count:)
    master.wait_status("#{count} jobs in slot #{slot}") { |status| current(status, slot)&.fetch("busy") == count }
  end

  def wait_gone(pid, within: 30)
    Deadline.wait("the end of process #{pid}", within: within) do
      Processes.reap_orphans(masters.map(&:pid))
      !Processes.alive?(pid)
    end
  end

  # Waits until no process of this test is left.
  def wait_nothing_left(within: 30)
    Deadline.wait("the end of all processes", within: within) { left_behind.empty? }
  rescue Deadline::Missed
    flunk "left: #{left_behind.join('; ')}"
  end

  # Stops the master and asserts that it left cleanly.
  def assert_clean_stop(master)
    assert_equal 0, master.stop.exitstatus, "exit code after TERM"
  end

  # Asserts that slots 0…count-1 have workers, all but those of `changed` the ones they had.
  def assert_untouched(master, before, changed: [])
    before.except(*changed).each do |slot, pid|
      assert_equal pid, master.running_by_slot[slot], "slot #{slot} was touched"
      assert Processes.alive?(pid), "the worker of slot #{slot} is gone"
    end
  end

  private

  def journal_path
    File.join(folder, "journal")
  end

  def left_behind
    Processes.reap_orphans(masters.map(&:pid))
    Processes.marked(@mark)
  end

  # A master that does not end is found among what is left.
  def end_masters
    orders.set
    masters.reject(&:exited?).each do |master|
      # Whoever a test stopped must be able to hear the order.
      Processes.marked(@mark).each { |entry| Processes.signal(:CONT, entry.pid) if entry.state == "T" }
      master.stop
    end
  rescue Deadline::Missed
    nil
  end

  def wait_until_nothing_left
    Deadline.wait("nothing left", within: 30) { left_behind.empty? }
    []
  rescue Deadline::Missed
    left_behind
  end
end
