# frozen_string_literal: true

# The memory of the whole, with four workers, for each way to preload.

require_relative "support/bench"

# See above.
class Preload < Bench
  WORKERS = 4
  BALLAST_MB = 60
  WAYS = { "--preload app" => %w[--prefork --preload app], "--preload gems" => %w[--prefork --preload gems],
           "--preload none" => %w[--prefork --preload none], "--no-prefork" => %w[--no-prefork] }.freeze

  def measure
    sizes = WAYS.transform_values { |words| sizes_of(words) }
    surroundings
    least = sizes.fetch("--no-prefork")[:whole]
    rows = sizes.map do |way, size|
      [way, mib(size[:whole]), "#{(100.0 * size[:whole] / least).round} %", mib(size[:worker]),
       mib(size[:private]), "#{size[:boot_ms]} ms"]
    end
    table(["#{WORKERS} workers, idle after boot", "PSS of the whole", "of --no-prefork", "PSS of a worker",
           "private dirty of a worker", "boot of a worker"], rows)
  end

  private

  def sizes_of(words)
    service = swarm(*words, "--processes", WORKERS, env: { "BOOKSHOP_BALLAST_MB" => BALLAST_MB.to_s })
    service.wait("ready workers", 240) { service.events("worker_run").size >= WORKERS }
    sizes = measure_now(service)
    stop(service)
    sizes
  end

  def measure_now(service)
    workers = service.ready_workers.values
    { whole: Figures.pss_kib(service.processes.map(&:pid)), worker: Figures.pss_kib(workers) / WORKERS,
      private: workers.sum { |pid| Figures.private_dirty_kib(pid) } / WORKERS,
      boot_ms: median(service.events("worker_ready").map { |event| event.number(:boot_ms) }).round }
  end
end

Preload.run
