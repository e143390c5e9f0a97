# frozen_string_literal: true

# What the board costs: the throughput of one worker on empty jobs, with the board and without; beside it plain
# Sidekiq. With and without take turns within the same process, some hundred jobs each: what else happens on the
# machine, how the heap is laid out and what the collector does hits both alike.

require_relative "support/bench"
require_relative "support/other"

# See above.
class Tax < Bench
  APP = File.expand_path("load/app.rb", __dir__)
  BOOTS = 3
  PAIRS = 15
  SLICES = 40
  SLICE_JOBS = 500
  JOBS = SLICES / 2 * SLICE_JOBS
  CONCURRENCY = 10
  RUN_S = 600
  GOAL = 1.0
  # Over four turns each way is as often the first and the second.
  TURNS = %w[with without without with].freeze

  # What the jobs of one way took together, in µs.
  Sample = Struct.new(:wall_us, :cpu_us) do
    def per_second = JOBS * 1_000_000.0 / wall_us
    def cpu = cpu_us.to_f / JOBS
  end

  def measure
    @samples = Hash.new { |samples, way| samples[way] = [] }
    BOOTS.times { boot }
    surroundings
    puts "Sidekiq #{Gem.loaded_specs.fetch("sidekiq").version}, concurrency #{CONCURRENCY}; #{BOOTS} boots with " \
         "#{PAIRS} runs each, and in each run #{JOBS} empty jobs with the board and #{JOBS} without."
    print_ways
    print_tax
  end

  private

  # All run all the time; only the one whose queue is filled works. The first run of each warms it up.
  def boot
    services = { "swarm" => start_swarm, "plain" => start_plain }
    services.each_value { |service| prefer(service) } if ENV["BENCH_REALTIME"]
    (PAIRS + 1).times do |number|
      swarm, plain = run("swarm", TURNS), run("plain", %w[plain])
      keep(swarm.merge(plain)) if number.positive?
    end
    services.each_value { |service| stop(service) }
  ensure
    schedule("--other", 0, Process.pid) if ENV["BENCH_REALTIME"]
  end

  def keep(samples)
    samples.each { |way, sample| @samples[way] << sample }
  end

  # Threads that are there are favoured, those to come inherit it.
  def prefer(service)
    service.wait("a worker", RUN_S) { (heartbeat_pids & service.processes.map(&:pid)).any? }
    favour(service)
  end

  def heartbeat_pids
    redis.heartbeats.keys.map { |identity| Integer(identity.split(":")[-2]) }
  end

  def start_swarm
    start(Service.new(folder: folder("swarm"), arguments: ["--prefork", "--processes", "1", *words("swarm")],
                      env: environment))
  end

  def start_plain
    start(Other.new(folder: folder("plain"), command: %w[bundle exec sidekiq], arguments: words("plain"),
                    env: environment))
  end

  def words(queue)
    ["-r", APP, "-e", "production", "-c", CONCURRENCY.to_s, "-q", queue]
  end

  # All jobs come at once, in slices; what begins a slice ends the one before. The first is not counted: all threads
  # wake up in it. Returns a sample for each way.
  def run(queue, turns)
    count = turns.one? ? SLICES / 2 : SLICES
    redis.call("DEL", "marks")
    stage("first", SLICE_JOBS)
    count.times { |number| stage(turns[number % turns.size], SLICE_JOBS) }
    stage("end", 0)
    redis.call("RENAME", "staged", "queue:#{queue}")
    Deadline.wait("the end of a run", within: RUN_S) { redis.call("LLEN", "marks") == count + 2 }
    samples(redis.call("LRANGE", "marks", 0, -1).map(&:split))
  end

  def stage(way, jobs)
    list = [job("MarkJob", [way])]
    jobs.times { |number| list << job("EmptyJob", ["text", number, { "key" => "value" }]) }
    redis.call("LPUSH", "staged", *list)
  end

  def job(klass, arguments)
    JSON.generate(class: klass, args: arguments, jid: SecureRandom.hex(12), retry: false, queue: "default",
                  created_at: Time.now.to_f, enqueued_at: Time.now.to_f)
  end

  def samples(marks)
    marks.drop(1).each_cons(2).with_object({}) do |((way, *before), (_, *after)), samples|
      wall_us, cpu_us = after.zip(before).map { |one, other| Integer(one) - Integer(other) }
      sample = samples[way] ||= Sample.new(0, 0)
      sample.wall_us += wall_us
      sample.cpu_us += cpu_us
    end
  end

  def print_ways
    rows = { "with" => "swarm, with the board", "without" => "swarm, without", "plain" => "sidekiq" }.map do |way, name|
      [name, format("%.0f", median(@samples[way].map(&:per_second))),
       format("%.1f µs", median(@samples[way].map(&:cpu)))]
    end
    table(["one process, median of #{BOOTS * PAIRS} runs", "jobs a second", "CPU a job"], rows)
  end

  def print_tax
    speed = taxes { |with, without| 100 - (100.0 * with.per_second / without.per_second) }
    cpu = taxes { |with, without| (100.0 * with.cpu / without.cpu) - 100 }
    table(["what the board costs, of #{speed.size} pairs", "median", "quartiles"],
          [["of the throughput", *spread(speed)], ["of the CPU time", *spread(cpu)]])
    puts "Goal: at most #{GOAL} % of the throughput. #{median(speed) <= GOAL ? "Met" : "Missed"}."
  end

  def taxes(&block)
    @samples["with"].zip(@samples["without"]).map(&block).sort
  end

  def spread(numbers)
    quarter = numbers.size / 4
    [percent(median(numbers)), "#{percent(numbers[quarter])} to #{percent(numbers[-quarter - 1])}"]
  end

  def percent(number)
    format("%+.2f %%", number)
  end
end

Tax.run
