# frozen_string_literal: true

# What the idle master costs, with 16 ready workers: memory, wake-ups, descriptors; beside the idle master of
# sidekiq-process_manager, at the same time.

require_relative "support/bench"

# See above.
class Footprint < Bench
  WORKERS = 16
  IDLE_S = 60
  SETTLE_S = 15
  CHECK_S = 5
  LIMIT = ["--max-rss", "2G", "--check-interval", CHECK_S].freeze

  def measure
    per_worker = descriptors_per_worker
    masters = start_masters
    idle(SETTLE_S)
    before = masters.transform_values { |service| Figures.wakeups(service.pid) }
    idle(IDLE_S)
    surroundings
    print_table(masters, before)
    puts "Descriptors of the master per worker: #{per_worker}."
  end

  private

  def start_masters
    { "swarm" => ready("--prefork", "--processes", WORKERS),
      "swarm, a look at the memory each #{CHECK_S} s" => ready("--prefork", "--processes", WORKERS, *LIMIT),
      "sidekiq-process_manager" => ready_manager }
  end

  def ready(*words)
    swarm(*words).tap { |service| service.wait("ready workers", 240) { service.events("worker_run").size >= WORKERS } }
  end

  def ready_manager
    redis.call("FLUSHALL")
    manager(WORKERS).tap do |service|
      service.wait("heartbeats of the workers", 240) { (heartbeat_pids & service.workers).size >= WORKERS }
    end
  end

  def heartbeat_pids
    redis.heartbeats.keys.map { |identity| Integer(identity.split(":")[-2]) }
  end

  # The second worker and those that follow cost the same.
  def descriptors_per_worker
    few, many = [1, WORKERS].map do |number|
      service = swarm("--prefork", "--processes", number, *LIMIT)
      service.wait("ready workers", 240) { service.events("worker_run").size >= number }
      idle(1)
      Figures.descriptors(service.pid).tap { stop(service) }
    end
    each = many.to_h { |kind, count| [kind, (count - few.fetch(kind, 0)) / (WORKERS - 1.0)] }
    each.reject { |_, count| count.zero? }.map { |kind, count| "#{format("%g", count)} #{kind}" }.join(", ")
  end

  def print_table(masters, before)
    rows = masters.map do |name, service|
      pid = service.pid
      [name, mib(Figures.rss_kib(pid)), mib(Figures.private_dirty_kib(pid)), mib(Figures.pss_kib([pid])),
       Figures.wakeups(pid) - before[name], Figures.descriptors(pid).values.sum]
    end
    table(["idle master of #{WORKERS} workers", "RSS", "private dirty", "PSS", "wake-ups in #{IDLE_S} s",
           "descriptors"], rows)
  end

  # The measurement is that nothing happens for so long.
  def idle(seconds)
    IO.select(nil, nil, nil, seconds)
  end
end

Footprint.run
