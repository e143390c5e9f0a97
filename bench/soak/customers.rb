# frozen_string_literal: true

# Sends the jobs of the soak: ordinary ones at a steady rate, and those that leak by the clock.
class Customers
  RATE = 60 # ordinary jobs a second
  BACKLOG = 300 # no more than so many wait
  ORDINARY = [["CountJob"], ["CountJob"], ["HoldJob", 0.02], ["HoldJob", 0.1], ["HoldJob", 0.4]].freeze
  FILES = 4

  # What comes how often, in seconds.
  PACES = { leak: 0.3, native: 0.7, spawn: 4, cache: 9, long: 5, gulp: 40 }.freeze

  # folder  where jobs may write files
  def initialize(ledger, random:, folder:)
    @ledger = ledger
    @random = random
    @folder = folder
    @began = Deadline.now
    @sent = 0
    @last = PACES.transform_values { @began }
  end

  # To be called often.
  def tick
    now = Deadline.now
    due = ((now - @began) * RATE).floor - @sent
    due = [due, BACKLOG - @ledger.waiting].min
    due.times { @ledger.send_job(*ORDINARY.sample(random: @random)) }
    @sent = ((now - @began) * RATE).floor
    PACES.each { |kind, seconds| every(kind, seconds, now) }
  end

  private

  def every(kind, seconds, now)
    return if now - @last[kind] < seconds

    @last[kind] = now
    @ledger.send_job(*job(kind))
  end

  def job(kind)
    case kind
    when :leak then ["LeakJob", @random.rand(1..5)]
    when :native then ["NativeLeakJob", @random.rand(1..5)]
    when :spawn then ["SpawnJob", 40, 1]
    when :cache then ["CacheJob", 20, File.join(@folder, "cache-#{@random.rand(FILES)}")]
    when :long then ["HoldJob", 12]
    when :gulp then ["GulpJob", 400, 600, 30]
    end
  end
end
