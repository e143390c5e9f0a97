# frozen_string_literal: true

# Throughput while all workers are recycled, one after another, beside that of the steady state: one service, one run,
# in turns of the same length. How many workers fetch is taken from the log, which has every change, and from the
# status, 20 times a second.

require_relative "support/bench"
require_relative "support/log_follower"
require "socket"

# See above.
class Recycle < Bench
  WORKERS = 4
  ROUNDS = 12
  BALLAST_MB = 80
  SAMPLE_S = 0.05
  SETTLE_S = 5
  ROUND_S = 120
  BACKLOG = 4000
  # What a job does, in milliseconds: computing, waiting. The first leaves the machine idle for the most part, the
  # second needs all of it.
  KINDS = { "jobs that wait" => [0.5, 40], "jobs that compute" => [8, 0] }.freeze
  THREADS = 5 # of the shop

  # One turn: jobs done, seconds, the least number of fetching workers by the log and by the status.
  Turn = Struct.new(:jobs, :seconds, :least_log, :least_status, :samples, keyword_init: true)

  def measure
    @service = swarm("--prefork", "--processes", WORKERS, env: { "BOOKSHOP_BALLAST_MB" => BALLAST_MB.to_s })
    @log = LogFollower.new(@service, WORKERS)
    @service.wait("#{WORKERS} workers", 240) { @log.follow.full? }
    @rss_kib = Figures.rss_kib(@log.fetching.keys.first)
    turns = KINDS.to_h { |kind, job| [kind, turns_of(job)] }
    surroundings
    puts "#{WORKERS} workers of #{mib(@rss_kib)} with #{THREADS} threads; #{ROUNDS} turns of each kind."
    print_table(turns)
  end

  private

  # {recycled: turns, steady: turns}
  def turns_of(job)
    @job = job
    redis.call("FLUSHALL")
    settle
    turns = { recycled: [], steady: [] }
    ROUNDS.times do
      turns[:recycled] << (recycled = turn { recycle_all })
      turns[:steady] << turn { pass(recycled.seconds) }
    end
    turns
  end

  # The block begins something and returns what tells of its end; samples are taken until then.
  def turn
    @log.follow.forget_least
    least = WORKERS
    samples = 0
    before = done
    began = Deadline.now
    over = yield
    @service.wait("the end of a turn", ROUND_S) do
      fill
      @log.follow
      least = [least, ready].min
      samples += 1
      IO.select(nil, nil, nil, SAMPLE_S)
      over.call
    end
    Turn.new(jobs: done - before, seconds: Deadline.now - began, least_log: @log.least, least_status: least,
             samples: samples)
  end

  # Orders it; the end is when all old workers are gone and nobody boots.
  def recycle_all
    old = @log.living.keys
    output, status = @service.verb("recycle", "all")
    raise Deadline::Missed, output unless status.success?

    -> { (@log.living.keys & old).empty? && @log.full? && @log.living.size == WORKERS }
  end

  def pass(seconds)
    until_s = Deadline.now + seconds
    -> { Deadline.now >= until_s }
  end

  def settle
    until_s = Deadline.now + SETTLE_S
    @service.wait("a steady state") do
      fill
      Deadline.now >= until_s
    end
  end

  # Workers that fetch, by the status. Asked over the socket itself: a process each time would be a load of its own.
  def ready
    answer = UNIXSocket.open(@service.control) do |socket|
      socket.write("{\"verb\":\"status\"}\n")
      socket.close_write
      JSON.parse(socket.read)
    end
    answer.fetch("slots").flat_map { |slot| slot.fetch("workers") }.count { |worker| worker["state"] == "ready" }
  end

  def done
    redis.count("paced")
  end

  # The queue is never empty while anything is measured.
  def fill
    missing = BACKLOG - redis.call("LLEN", "queue:default")
    return if missing < BACKLOG / 4

    redis.call("SADD", "queues", "default")
    Array.new(missing) { job }.each_slice(1000) { |jobs| redis.call("LPUSH", "queue:default", *jobs) }
  end

  def job
    JSON.generate(class: "PaceJob", args: @job, jid: SecureRandom.hex(12), retry: false, queue: "default",
                  created_at: Time.now.to_f, enqueued_at: Time.now.to_f)
  end

  def print_table(kinds)
    rows = kinds.flat_map do |name, turns|
      steady = rate(turns[:steady])
      turns.map do |state, list|
        ["#{name}, #{state}", format("%.0f", rate(list)), format("%.1f %%", 100.0 * rate(list) / steady),
         format("%.1f s", list.sum(&:seconds)), list.map(&:least_log).min,
         "#{list.map(&:least_status).min} of #{list.sum(&:samples)}"]
      end
    end
    table(["throughput", "jobs a second", "of the steady state", "time", "least fetching, log", "status, samples"],
          rows)
  end

  # All turns together.
  def rate(turns)
    turns.sum(&:jobs) / turns.sum(&:seconds)
  end
end

Recycle.run
