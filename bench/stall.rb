# frozen_string_literal: true

# How long a worker waits for the kernel while its PSS and USS are read: the kernel holds a lock of its memory
# meanwhile. A process of 400 MB maps and unmaps a little, read at the pace that swarm keeps, and unread, in turns.

require_relative "support/bench"
require_relative "support/helper_program"

# See above.
class Stall < Bench
  MIB = 400
  ROUND_S = 20
  ROUNDS = 3
  PERCENTS = [0, 1, 10].freeze # 0: unread; 1: the default of --rollup-percent
  # From one mapping to the next: none at all, or as a worker that maps now and then.
  PAUSES_US = { "again and again" => 0, "each 0.2 ms" => 100 }.freeze
  NAMES = %i[count median p99 p999 max].freeze
  NS_PER_US = 1000.0

  def measure
    @program = HelperProgram.build(@folder, "stall", "bench/stall.c")
    cases = PAUSES_US.keys.product(PERCENTS)
    results = cases.to_h { |one| [one, []] }
    ROUNDS.times { cases.each { |pause, percent| results[[pause, percent]] << round(PAUSES_US.fetch(pause), percent) } }
    surroundings
    puts "A process of #{MIB} MB; #{ROUNDS} rounds of #{ROUND_S} s each; medians of the rounds, the largest maximum."
    print_table(results)
  end

  private

  # Returns the worker's figures with the reader's share of the time.
  def round(pause_us, percent)
    worker = IO.popen([@program, "worker", MIB, ROUND_S, pause_us].map(&:to_s))
    raise Deadline::Missed, "the process to read did not start" unless worker.gets == "ready\n"

    count, total_us = read(worker.pid, percent)
    NAMES.zip(worker.gets.split.map { |text| Integer(text) }).to_h.merge(readings: count, read_us: total_us)
  ensure
    worker&.close
  end

  # It ends a little before the worker.
  def read(pid, percent)
    return [0, 0] if percent.zero?

    output, status = Open3.capture2(@program, "reader", pid.to_s, percent.to_s, (ROUND_S - 1).to_s)
    raise Deadline::Missed, "the reader failed" unless status.success?

    output.split.map { |text| Integer(text) }
  end

  def print_table(results)
    rows = results.map do |(pause, percent), rounds|
      ["#{pause}, #{percent.zero? ? "unread" : "read #{percent} % of the time"}", rounds.sum { |one| one[:count] },
       *%i[median p99 p999].map { |name| us(median(rounds.map { |one| one[name] })) },
       us(rounds.map { |one| one[:max] }.max), reading(rounds)]
    end
    table(["mmap and munmap", "times", "median", "p99", "p99.9", "maximum", "one reading"], rows)
  end

  def reading(rounds)
    count = rounds.sum { |one| one[:readings] }
    count.zero? ? "-" : format("%.2f ms", rounds.sum { |one| one[:read_us] } / 1000.0 / count)
  end

  def us(nanoseconds)
    format("%.1f µs", nanoseconds / NS_PER_US)
  end
end

Stall.run
