# frozen_string_literal: true

require "fileutils"
require "tmpdir"

require_relative "../test/support/deadline"
require_relative "../test/integration/support/redis_server"
require_relative "../test/integration/support/service"
require_relative "report"
require_relative "separate"
require_relative "shop"
require_relative "watch"

# The demonstration, in order: a fresh worker is measured, four separate Sidekiqs work some jobs, then swarm does, with
# a limit, until the time is over. Owns every process and folder that it makes.
class Story
  # The story cannot go on.
  class Failed < StandardError; end

  PROCESSES = 4
  BALLAST_MB = 60
  MARGIN_MB = 40
  WARM_JOBS = 200
  RATE = 50 # ordinary jobs a second
  LEAK_S = 0.6 # from one leaking job to the next
  BACKLOG = 150 # no more than so many at a time wait
  SAMPLE_S = 1
  SHOW_S = 4
  # Seconds since the beginning: when the separate Sidekiqs are given up, when the last job is sent, and when
  # what is not done yet is left in its queue.
  SEPARATE_END_S = 50
  SEND_END_S = 88
  WORK_END_S = 104

  def initialize
    @began = Deadline.now
    @services = []
    @report = Report.new
  end

  # Returns the exit code: 0 if no job was lost.
  def tell
    prepare
    measure_beginnings
    separate_works
    swarm_works
    @report.verdict
  rescue Deadline::Missed => e
    raise Failed, "#{e.message}#{log_end}"
  end

  # Ends what is still there, by force. It can be called at any moment, more than once.
  def end_everything
    @services.each(&:destroy)
    @separate&.destroy
    @redis&.destroy
    FileUtils.rm_rf(@folder) if @folder
  end

  private

  def prepare
    @report.title(PROCESSES)
    @folder = Dir.mktmpdir("swarm-demo")
    @redis = RedisServer.new
    @redis.start
    @shop = Shop.new(environment)
    @shop.open
    @report.part("the stage", "#{@shop.versions}, private Redis and database")
  end

  def environment
    { "REDIS_URL" => @redis.url, "BOOKSHOP_DATABASE" => File.join(@folder, "shop.sqlite3"),
      "RAILS_ENV" => "production" }
  end

  # The separate Sidekiqs boot while one worker of swarm shows what a fresh one weighs.
  def measure_beginnings
    @report.part("to compare", "#{PROCESSES} separate Sidekiqs boot and work #{WARM_JOBS} jobs")
    ENV["BOOKSHOP_BALLAST_MB"] = BALLAST_MB.to_s
    @separate = Separate.new(File.join(@folder, "separate.log"))
    @separate.start(PROCESSES)
    measure_fresh
  end

  def measure_fresh
    probe = swarm("--processes", 1, "-q", "nothing", folder: "probe")
    @fresh_kib = probe.wait_for_event("worker_ready").number(:rss_kib)
    probe.stop
    @limit_mb = (@fresh_kib / 1024) + MARGIN_MB
  end

  def separate_works
    @report.separate(*separate_kib)
    @separate.stop
    @shop.begin_again
    @report.part("the limit", "a fresh worker has #{@fresh_kib / 1024} MB, #{MARGIN_MB} MB more are allowed")
  end

  # PSS after the boot and after the jobs; what this machine is too busy to reach in time is left out.
  def separate_kib
    sizes = []
    Deadline.wait("the separate Sidekiqs", within: left_until(SEPARATE_END_S)) { @shop.sidekiqs >= PROCESSES }
    sizes << @separate.pss_kib
    warm
    Deadline.wait("their jobs", within: left_until(SEPARATE_END_S)) { @shop.open_jobs.zero? }
    sizes << @separate.pss_kib
  rescue Deadline::Missed
    @report.part("", "not in time: this machine is busy with other things")
    sizes
  end

  def swarm_works
    @service = swarm("--prefork", "--processes", PROCESSES, "--max-rss", "#{@limit_mb}M", "--check-interval", 1)
    @report.command("swarm --prefork --processes #{PROCESSES} --max-rss #{@limit_mb}M")
    @swarm_began = Deadline.now
    @watch = Watch.new(@service, PROCESSES)
    tick("#{PROCESSES} ready workers", WORK_END_S) { @watch.full? }
    idle_kib = whole_pss_kib
    warm
    tick("the first jobs", WORK_END_S) { @shop.open_jobs.zero? }
    @report.swarm(idle_kib, whole_pss_kib)
    work
    finish
  end

  # Jobs of which some leak, until it is time; then what was sent is worked. Leaks come by the clock, so that a slow
  # machine sees recycles, too.
  def work
    @report.begin_progress
    @sending_since = Deadline.now
    @sent_before = @shop.sent.size
    tick("the end of the work", SEND_END_S + 1) { send_some || left_until(SEND_END_S).zero? }
    tick("the last jobs", WORK_END_S, patient: true) { @shop.open_jobs.zero? && settled? }
    show
  end

  # A recycle that was begun is seen to its end.
  def settled?
    @watch.recycles.all?(&:ready_at) && @watch.fetching == PROCESSES
  end

  # Never ends the wait.
  def send_some
    due = ((Deadline.now - @sending_since) * RATE).floor - (@shop.sent.size - @sent_before)
    room = BACKLOG - @shop.open_jobs
    number = [due, room, RATE].min
    @shop.send_jobs(number) if number >= RATE / 5
    every(:leak, LEAK_S) { @shop.send_leak }
    false
  end

  def warm
    @shop.send_jobs(WARM_JOBS)
  end

  def finish
    @watch.follow
    least = @watch.least
    code = @service.stop.exitstatus
    @watch.follow
    @watch.close
    raise Failed, "swarm left with code #{code}#{log_end}" if code != 0

    @report.results(shop: @shop, watch: @watch, least: least, processes: PROCESSES, warm_jobs: WARM_JOBS)
  end

  # Watches until the block gives something true or that second has come; then that is a failure, unless patient.
  def tick(what, until_s, patient: false)
    Deadline.wait(what, within: left_until(until_s)) do
      watch_once
      yield
    end
  rescue Deadline::Missed
    raise unless patient
  end

  def watch_once
    raise Failed, "swarm has left#{log_end}" if @service.left?

    @watch.follow
    every(:sample, SAMPLE_S) { @watch.sample } if @watch.full?
    every(:show, SHOW_S) { show } if @sending_since
  end

  def show
    @report.progress(seconds: Deadline.now - @swarm_began, sent: @shop.sent.size, done: @shop.done, watch: @watch,
                     processes: PROCESSES)
  end

  def every(name, seconds)
    @last ||= {}
    return if @last[name] && Deadline.now - @last[name] < seconds

    @last[name] = Deadline.now
    yield
  end

  def whole_pss_kib
    Figures.pss_kib(@service.processes.map(&:pid))
  end

  def log_end
    @services.any? ? "; the end of its log:\n\n#{@services.last.log.lines.last(20).join}" : ""
  end

  def left_until(second)
    [@began + second - Deadline.now, 0].max
  end

  def swarm(*words, folder: "swarm")
    place = File.join(@folder, folder)
    Dir.mkdir(place)
    arguments = [*words.map(&:to_s), "-r", Shop::FOLDER, "-e", "production"]
    env = environment.merge("BOOKSHOP_BALLAST_MB" => BALLAST_MB.to_s)
    @services << (service = Service.new(folder: place, arguments: arguments, env: env))
    service.start
  end
end
