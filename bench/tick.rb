# frozen_string_literal: true

# What one look at one worker costs the master: its processor time with limits and a look each 0.1 s, less that without
# any, with 200 workers. The workers are fake ones that sleep, so that nothing else runs.

require_relative "support/bench"
require_relative "support/helper_program"

# See above.
class Tick < Bench
  WORKERS = 200
  INTERVAL_S = 0.1
  ROUND_S = 20
  ROUNDS = 3
  SETTLE_S = 3
  NS_PER_US = 1000.0
  LIMITS = { "max-rss" => "4G", "max-uss" => "3G", "kill-rss" => "5G", "max-total" => "100G", "max-jobs" => 1_000_000,
             "max-age" => 1_000_000, "check-interval" => INTERVAL_S }.freeze
  # Sleeps until its master ends it.
  ORDERS = "always worker run hang\n"

  # Processor time of the master, in nanoseconds, and its wake-ups in a round.
  Round = Struct.new(:cpu_ns, :wakeups, :seconds, keyword_init: true)

  def measure
    @mold = HelperProgram.build(@folder, "fake-mold", "test/fake_mold/*.c")
    @orders = File.join(@folder, "orders")
    File.write(@orders, ORDERS)
    idle, ticking = [[], LIMITS.flat_map { |name, value| ["--#{name}", value] }].map { |words| rounds(words) }
    surroundings
    puts "#{WORKERS} workers; #{ROUNDS} rounds of #{ROUND_S} s each."
    print_table(idle, ticking)
  end

  private

  def rounds(words)
    service = fakes(words)
    service.wait("#{WORKERS} workers", 240) { service.events("worker_run").size >= WORKERS }
    pass(SETTLE_S)
    Array.new(ROUNDS) { round(service.pid) }.tap { end_by_force(service) }
  end

  def fakes(words)
    env = { "SWARM_MOLD" => @mold, "FAKE_ORDERS" => @orders }
    start(Service.new(folder: folder("tick"), arguments: ["--processes", WORKERS, *words].map(&:to_s), env: env))
  end

  # They do not hear a TERM.
  def end_by_force(service)
    service.destroy
    @running.delete(service)
  end

  def round(pid)
    began = Deadline.now
    cpu = cpu_ns(pid)
    wakeups = Figures.wakeups(pid)
    pass(ROUND_S)
    Round.new(cpu_ns: cpu_ns(pid) - cpu, wakeups: Figures.wakeups(pid) - wakeups, seconds: Deadline.now - began)
  end

  # Time on a processor, of all threads (kernel: Documentation/scheduler/sched-stats.rst).
  def cpu_ns(pid)
    Dir.glob("/proc/#{pid}/task/*/schedstat").sum { |path| Integer(File.read(path).split.first) }
  end

  def print_table(idle, ticking)
    rows = [["without limits", *of(idle), "-"],
            ["with limits, each #{INTERVAL_S} s", *of(ticking), cost(idle, ticking)]]
    table(["master of #{WORKERS} workers", "processor time a second", "wake-ups a second", "a worker and look"], rows)
  end

  def of(rounds)
    seconds = rounds.sum(&:seconds)
    [format("%.0f µs", rounds.sum(&:cpu_ns) / seconds / NS_PER_US), format("%.1f", rounds.sum(&:wakeups) / seconds)]
  end

  def cost(idle, ticking)
    each = [idle, ticking].map { |rounds| rounds.sum(&:cpu_ns) / rounds.sum(&:seconds) }
    looks = WORKERS / INTERVAL_S
    format("%.2f µs", (each.last - each.first) / looks / NS_PER_US)
  end

  # The measurement is what happens in that time.
  def pass(seconds)
    IO.select(nil, nil, nil, seconds)
  end
end

Tick.run
