# frozen_string_literal: true

# From a worker's SIGKILL to the first job of its replacement, with a full queue; with a spare and without, beside
# sidekiq-process_manager, in turns. Each slot is killed once in a service's life, since a second crash within a
# minute is made to wait.

require_relative "support/bench"
require "time"

# See above.
class Replace < Bench
  WORKERS = 4
  ROUNDS = 5
  BALLAST_MB = 80
  JOB_S = 0.1
  JOBS = 20_000
  SETTLE_S = 2
  REPLACED_S = 60
  STEPS = %w[worker_lost worker_moved worker_spawning worker_hello worker_ready worker_run].freeze
  SWARM = "swarm"
  SPARE = "swarm --spare 1"
  MANAGER = "sidekiq-process_manager"

  # One replacement; times in milliseconds since the kill.
  Sample = Struct.new(:startup_ms, :first_ms, :steps, keyword_init: true)

  def measure
    samples = { SWARM => [], SPARE => [], MANAGER => [] }
    ROUNDS.times do
      round(samples[SWARM], swarm(*words, env: env)) { |service| service.ready_workers.values }
      round(samples[SPARE], swarm(*words, "--spare", 1, env: env)) { |service| spared(service) }
      round(samples[MANAGER], manager(WORKERS, env: env), &:workers)
    end
    surroundings
    puts "The application: Rails, a worker's RSS #{mib(@rss_kib)} after its boot."
    print_times(samples)
    [SWARM, SPARE].each { |name| print_steps(name, samples[name]) }
  end

  private

  def words
    ["--prefork", "--processes", WORKERS, "--log-level", "debug"]
  end

  def env
    { "BOOKSHOP_BALLAST_MB" => BALLAST_MB.to_s }
  end

  # The workers of the slots, once the spare stands behind them.
  def spared(service)
    service.wait_until_ready(WORKERS + 1).values_at(*0...WORKERS)
  end

  # Kills each of the first workers once.
  def round(samples, service)
    redis.call("FLUSHALL")
    fill
    service.wait("#{WORKERS} workers with jobs", 240) { stamps.size >= WORKERS }
    favour(service) if ENV["BENCH_REALTIME"]
    @rss_kib ||= Figures.rss_kib(yield(service).first)
    yield(service).first(WORKERS).each do |pid|
      idle(SETTLE_S)
      samples << replace(service, pid)
    end
    stop(service)
  ensure
    schedule("--other", 0, Process.pid) if ENV["BENCH_REALTIME"]
  end

  def replace(service, victim)
    fill
    known = stamps.keys
    wall = Process.clock_gettime(Process::CLOCK_REALTIME)
    killed_us = Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
    Process.kill(:KILL, victim)
    pid = service.wait("a replacement's first job", REPLACED_S) { (stamps.keys - known).first }
    startup_us, first_us = stamps.fetch(pid).split.map { |text| Integer(text) }
    Sample.new(startup_ms: (startup_us - killed_us) / 1000.0, first_ms: (first_us - killed_us) / 1000.0,
               steps: steps(service, victim, wall))
  end

  # When the log names each step, for swarm. The log's stamps are whole milliseconds.
  def steps(service, victim, wall)
    return unless service.instance_of?(Service)

    lost = service.wait_for_event("worker_lost", pid: victim)
    # A spare may run before the dead worker is told of. Stamps are cut to milliseconds.
    own = service.events.select { |event| event[:slot] == lost[:slot] && since(event, wall) > -1 }
    STEPS.to_h { |name| [name, own.find { |event| event.name == name }&.then { |event| since(event, wall) }] }
  end

  def since(event, wall)
    (Time.iso8601(event.line[/\A\S+/]).to_f - wall) * 1000
  end

  def stamps
    redis.call("HGETALL", "stamps")
  end

  # The queue is never empty while anything is measured.
  def fill
    missing = JOBS - redis.call("LLEN", "queue:default")
    return unless missing.positive?

    redis.call("SADD", "queues", "default")
    Array.new(missing) { job }.each_slice(1000) { |jobs| redis.call("LPUSH", "queue:default", *jobs) }
  end

  def job
    JSON.generate(class: "StampJob", args: [JOB_S], jid: SecureRandom.hex(12), retry: false, queue: "default",
                  created_at: Time.now.to_f, enqueued_at: Time.now.to_f)
  end

  def print_times(samples)
    rows = samples.flat_map do |name, list|
      startup = ["#{name}: Sidekiq's start-up event", *two(list.map(&:startup_ms))]
      # A spare has started before anybody is killed.
      [(startup unless name == SPARE), ["#{name}: first job", *two(list.map(&:first_ms))]].compact
    end
    table(["after a SIGKILL, #{samples[SWARM].size} times each", "median", "maximum"], rows)
  end

  def two(numbers)
    [median(numbers), numbers.max].map { |number| format("%.1f ms", number) }
  end

  def print_steps(name, list)
    steps = STEPS.to_h { |step| [step, list.filter_map { |sample| sample.steps[step] }] }
    rows = steps.reject { |_, times| times.empty? }.map { |step, times| [step, *two(times)] }
    table(["#{name}: steps since the kill", "median", "maximum"], rows << ["first job", *two(list.map(&:first_ms))])
  end

  def idle(seconds)
    IO.select(nil, nil, nil, seconds)
  end
end

Replace.run
