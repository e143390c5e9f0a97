# frozen_string_literal: true

require_relative "fake_case"
require_relative "made_group"

# limits_case.rb: a test of limits. Its master sees no control group and no memory pressure but made-up ones, where
# the test may make a mount namespace; its workers eat by order; cycles are counted by rules.
class LimitsCase < FakeCase
  # Readings of PSS and USS may take all the time they want: else a slow machine makes few of them.
  QUICK = ["--check-interval", "0.2", "--memory-grace", "0", "--rollup-percent", "100"].freeze
  MIB = 1 << 20
  # So many times one worker can count cycles.
  CLOCKS = 3

  def setup
    super
    @surroundings = MadeGroup.new(File.join(folder, "machine"))
    @rules = []
    @ticks = Hash.new(0)
  end

  # As FakeCase does, in the made-up surroundings, with the rules of this test in the file.
  def start(*words, **more)
    File.write(File.join(folder, "sidekiq-swarm.toml"), (@rules + clocks).join("\n"))
    super(*words, before: @surroundings.command || [], **more)
  end

  # For tests that the machine's own control group or pressure would decide.
  def need_calm
    @surroundings.command or skip "no mount namespace may be made here, and the machine's own memory would decide"
  end

  # From now on masters live in a group with this limit in bytes, charged with nothing.
  def make_group(limit)
    @surroundings = MadeGroup.new(File.join(folder, "container"), limit: limit)
    need_calm
    @surroundings
  end

  # Adds a rule to the file of the next master: keys and texts.
  def rule(**keys)
    @rules << "[[rule]]\n#{keys.map { |key, value| "#{key} = #{value.inspect}\n" }.join}"
  end

  # Lets a worker hold so much, and waits until it does. What it was to hold before does not count any more.
  def eat(pid, mib)
    replace_order("always pid.#{pid} idle eat", mib)
    wait_journal("ate", pid: pid, number: mib)
  end

  # Waits until five more cycles have looked at this worker.
  def pass_cycles(master, pid)
    number = @ticks[pid] += 1
    raise "a worker counts #{CLOCKS} times" if number > CLOCKS

    orders.add("1 pid.#{pid} jobs done 1 Clock")
    master.wait_for("rule_fired", pid: pid, rule: "clock #{number}")
  end

  # The greatest number of workers that lived at once, by the log.
  def most_living(master)
    greatest(master, begins: %w[worker_hello])
  end

  # The greatest number of workers that were being replaced at once.
  def most_recycled(master)
    greatest(master, begins: %w[recycle])
  end

  # The worker in a slot of the status, waited for until it fulfils the block.
  def wait_worker(master, slot, what, &block)
    status = master.wait_status(what) { |answer| current(answer, slot)&.then(&block) }
    current(status, slot)
  end

  private

  def clocks
    (1..CLOCKS).map do |number|
      "[[rule]]\nname = \"clock #{number}\"\nwhen = \"jobs >= #{number}\"\nfor = \"5 cycles\"\n"
    end
  end

  def replace_order(order, argument)
    rest = orders.lines.reject { |line| line.start_with?("#{order} ") }
    orders.set(*rest, "#{order} #{argument}")
  end

  def greatest(master, begins:)
    now = []
    master.log.events.map do |event|
      now |= [event.pid] if begins.include?(event.name)
      now -= [event.pid] if Master::ENDS.include?(event.name)
      now.size
    end.max
  end
end
