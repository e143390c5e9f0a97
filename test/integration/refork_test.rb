# frozen_string_literal: true

require_relative "support/integration_test"

# A real worker becomes the next mold (--refork-after): no job is lost or done twice, and its forks are workers like
# any other.
class ReforkTest < IntegrationTest
  PROCESSES = 2
  WORDS = ["--refork-after", 60, "--check-interval", "0.3", "-c", 2].freeze
  APPLICATION = <<~RUBY
    require "#{PLAIN}"

    # Counts how often it was done, by its number.
    class OnceJob
      include Sidekiq::Job

      def perform(number)
        Sidekiq.redis { |redis| redis.call("HINCRBY", "once", number, 1) }
      end
    end

    Sidekiq.configure_server { |config| config.server_middleware }
  RUBY

  def test_jobs_flow_through_two_reforks
    service = start
    first = service.wait_until_ready(PROCESSES)
    promoted = [2, 3].map do |generation|
      flow_until(service) { service.events("refork_done", gen: generation).any? }
      service.wait_for_event("refork_promoted", gen: generation).number(:pid)
    end
    service.wait("all jobs to be done") { redis.call("HLEN", "once") == @sent }

    assert_includes first.values, promoted.first
    refute_equal promoted.first, promoted.last
    assert_stops service
    assert_equal ["1"], redis.call("HVALS", "once").uniq, "a job was done twice"
    assert_equal @sent, redis.count("stat:processed"), "Sidekiq counted otherwise"
    assert_equal 0, redis.call("LLEN", "queue:default")
    assert_empty service.events("worker_lost")
    assert_never_below(service)
  end

  def test_forks_of_a_promoted_mold_run_the_hooks_and_events_of_the_application
    service = start
    service.wait_until_ready(PROCESSES)
    promoted = refork(service)
    workers = workers_of(service, 2)

    assert_equal [promoted], journal_pids("before_fork").last(1)
    workers.each { |slot, pid| assert_equal told(slot), words_of(pid) }
    assert_stops service
    workers.each_value { |pid| assert_equal %w[quiet shutdown], words_of(pid).last(2) }
    assert_equal 1, journal_pids("shutdown").count(promoted)
  end

  def test_everybody_has_connections_of_its_own
    service = start
    service.wait_until_ready(PROCESSES)
    refork(service)
    pids = workers_of(service, 2).values
    service.wait("a connection of each worker") { pids.all? { |pid| sockets(pid).size > 1 } }
    shared = service.processes.flat_map { |entry| sockets(entry.pid) }.tally.select { |_, count| count > 1 }

    assert_empty shared
    assert_stops service
  end

  def test_the_promoted_one_is_no_sidekiq_any_more
    service = start
    service.wait_until_ready(PROCESSES)
    promoted = refork(service)
    workers = workers_of(service, 2).values
    service.wait("a heartbeat of each worker and of nobody else") { heartbeats == workers.sort }

    assert_match(/\Aswarm-mold 2/, File.read("/proc/#{promoted}/cmdline"))
    assert_equal 1, sockets(promoted).size
    assert_stops service
  end

  def test_a_thread_of_the_application_refuses_by_name_and_the_mold_goes_on
    service = start("Sidekiq.configure_server { |c| c.on(:startup) { Thread.new { sleep }.name = 'beat' } }")
    before = service.wait_until_ready(PROCESSES)
    flow_until(service) { service.events("refork_failed").any? }
    failed = service.wait_for_event("refork_failed")

    assert_equal %w[promote failed], [failed[:stage], failed[:reason]]
    assert_match(/thread beat \(started at .*app.rb:\d+\)/, service.wait_for_event("failure", stage: "promote")[:text])
    service.signal_process((before.values - [failed.number(:pid)]).first, :KILL)
    lost = service.wait_for_event("worker_lost")
    service.wait_for_event("worker_run", slot: lost.number(:slot), gen: 1, count: 2)
    assert_stops service
  end

  def test_what_before_refork_ends_refuses_nobody
    service = start(<<~RUBY)
      Sidekiq.configure_server { |c| c.on(:startup) { $beat = Thread.new { sleep } } }
      Sidekiq::Swarm.before_refork { $beat.kill.join }
    RUBY
    service.wait_until_ready(PROCESSES)
    refork(service)

    assert_equal PROCESSES, workers_of(service, 2).size
    assert_stops service
  end

  private

  def start(code = "")
    @sent = 0
    application = write_application(APPLICATION + code)
    swarm("--processes", PROCESSES, *WORDS, "-r", application, env: journal_env)
  end

  # Sends jobs, as fast as they are done, until the block is true.
  def flow_until(service)
    service.wait("the end of the flow of jobs", 240) do
      30.times { redis.enqueue("OnceJob", @sent += 1) } if redis.call("LLEN", "queue:default") < 30
      yield
    end
  end

  # A whole re-fork. Returns the pid of the promoted mold.
  def refork(service)
    flow_until(service) { service.events("refork_begin").any? }
    service.wait_for_event("refork_done")
    service.wait_for_event("refork_promoted").number(:pid)
  end

  # pid by slot of the workers of that generation that fetch.
  def workers_of(service, generation)
    service.wait("all workers of generation #{generation}") do
      found = service.events("worker_run", gen: generation).to_h { |event| [event.number(:slot), event.number(:pid)] }
      found if found.size == PROCESSES
    end
  end

  # What the plain application's hooks write of a worker that has started.
  def told(slot)
    ["after_fork index=#{slot}", "startup index=#{slot}"]
  end

  def words_of(pid)
    journal.grep(/\bpid=#{pid}\b/).map { |line| line.sub(/ ?pid=\d+/, "") }
  end

  def sockets(pid)
    Dir.glob("/proc/#{pid}/fd/*").filter_map do |fd|
      File.readlink(fd)[/\Asocket:\[\d+\]/]
    rescue SystemCallError
      nil
    end
  end

  def heartbeats
    redis.heartbeats.values.filter_map { |row| row["info"] && JSON.parse(row["info"])["pid"] }.sort
  end

  # From the moment all fetched on, so many always did, until the stop.
  def assert_never_below(service)
    fetching = []
    sizes = service.events.take_while { |event| !event.is?("stopping", {}) }.map do |event|
      fetching |= [event.number(:pid)] if event.is?("worker_run", {})
      fetching -= [event.number(:pid)] if %w[worker_quiet worker_term worker_lost].any? { |name| event.is?(name, {}) }
      fetching.size
    end
    assert_operator sizes.drop_while { |size| size < PROCESSES }.min, :>=, PROCESSES
  end
end
