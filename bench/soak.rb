# frozen_string_literal: true

# A long time of leaks and random kills, with limits on; then every job, recycle, death and descriptor is accounted for.
# Arguments: seconds (1800), seed.

require_relative "support/bench"
require_relative "support/log_follower"
require_relative "soak/customers"
require_relative "soak/killer"
require_relative "soak/ledger"
require_relative "soak/master_figures"
require_relative "soak/soak_report"

# See above.
class Soak < Bench
  APPLICATION = File.expand_path("soak/application.rb", __dir__)
  SETTINGS = File.expand_path("soak/sidekiq-swarm.toml", __dir__)
  WORKERS = 8
  THREADS = 5
  SIDEKIQ = ["-c", THREADS, "-t", 8].freeze
  TICK_S = 0.05
  SETTLE_S = 5
  QUIET_S = 180
  KEPT_LOGS = File.expand_path("../build/soak", __dir__)

  def self.main(words)
    @seconds = Integer(words[0] || 1800)
    @seed = Integer(words[1] || (Random.new_seed % 1_000_000))
    run
  end

  class << self
    attr_reader :seconds, :seed
  end

  def measure
    @seconds = self.class.seconds
    @random = Random.new(self.class.seed)
    puts "soak: #{@seconds} s, seed #{self.class.seed}"
    start_service
    work
    calm_down
    @exit = @service.stop
    conclude
  rescue Deadline::Missed
    keep_log
    raise
  end

  private

  def start_service
    words = ["--swarm-config", SETTINGS, "--processes", WORKERS, "-r", APPLICATION, *SIDEKIQ]
    @service = start(Service.new(folder: folder("soak"), env: environment, arguments: words.map(&:to_s)))
    @log = LogFollower.new(@service, WORKERS)
    @service.wait("#{WORKERS} workers") { @log.follow.full? }
    settle
    @master = MasterFigures.new(@service.pid).tap(&:begin)
  end

  # A look opens what is opened late.
  def settle
    until_s = Deadline.now + SETTLE_S
    @service.wait("a settled service") { Deadline.now > until_s && @service.status }
  end

  def work
    @ledger = Ledger.new(redis)
    customers = Customers.new(@ledger, random: @random, folder: folder("files"))
    @killer = Killer.new(@service, @log, random: @random, mean_s: (@seconds / 120.0).clamp(2.5, 10))
    until_s = Deadline.now + @seconds
    while Deadline.now < until_s
      customers.tick
      @killer.tick
      @log.follow
      @master.tick
      raise Deadline::Missed, "swarm has left (#{@service.exit_status})" if @service.left?

      IO.select(nil, nil, nil, TICK_S)
    end
    @killer.rest
  end

  # No more jobs, no more kills: until every slot has a worker that has nothing to do.
  def calm_down
    @service.wait(-> { "the end of all jobs: #{@ledger.waiting} wait, #{states}" }, QUIET_S) do
      @log.follow
      @master.tick
      @ledger.waiting.zero? && @log.full? && @log.living.size == WORKERS && idle?
    end
    settle
    @master.end
  end

  def workers
    @service.status.fetch("slots").flat_map { |slot| slot.fetch("workers") }
  end

  def states
    workers.map { |worker| worker.values_at("pid", "state", "busy").join(" ") }.join(", ")
  end

  def idle?
    workers = self.workers
    workers.size == WORKERS && workers.all? { |worker| worker["state"] == "ready" && worker["busy"].to_i.zero? }
  end

  def conclude
    @service.wait_until_all_gone
    @log.follow
    surroundings
    report = SoakReport.new(seconds: @seconds, ledger: @ledger, account: @ledger.account(@log), log: @log,
                            killer: @killer, master: @master, exit_status: @exit)
    report.tables.each { |head, rows| table(head, rows) }
    report.lines.each { |line| puts line }
    report.wrongs.any? ? fail_with(report.wrongs) : puts("Everything is accounted for.")
  end

  def fail_with(wrongs)
    keep_log
    puts "WRONG:", wrongs
    exit 1
  end

  def keep_log
    FileUtils.mkdir_p(KEPT_LOGS)
    FileUtils.cp(@service.log_path, KEPT_LOGS)
    puts "The log is #{File.join(KEPT_LOGS, File.basename(@service.log_path))}."
  end
end

Soak.main(ARGV)
