# frozen_string_literal: true

require "time"
require_relative "../test/integration/support/event_tail"

# Follows a running swarm, by its log and by `swarm status --json`: who fetches jobs, who was recycled. It asks and
# listens only.
class Watch
  # One recycle: times are of the log, in seconds since the watch began; sizes in KiB.
  Recycle = Struct.new(:slot, :pid, :at, :rss_kib, :limit_kib, :successor_kib, :ready_at, :done, keyword_init: true)

  LEAVES = %w[worker_quiet worker_term worker_kill worker_lost worker_gone].freeze

  attr_reader :recycles, :samples, :events, :least, :largest_now_kib

  def initialize(service, processes)
    @service = service
    @processes = processes
    @fetching = {}
    @recycles = []
    @samples = @events = @largest_now_kib = 0
    @log = EventTail.new(service.log_path)
  end

  # True once each slot has had a worker that fetches; from then on the least is kept.
  def full?
    !@least.nil?
  end

  def fetching
    @fetching.size
  end

  # Reads what the log says since the last time.
  def follow
    @log.each { |event| take(event) }
  end

  # Asks for the status once and keeps the least number of workers that it shows ready.
  def sample
    workers = @service.status.fetch("slots").flat_map { |slot| slot.fetch("workers") }
    ready = workers.select { |worker| worker["state"] == "ready" }
    @largest_now_kib = ready.map { |worker| worker["rss_bytes"].to_i / 1024 }.max.to_i
    @samples += 1
    note(ready.size)
  end

  # The end of the watch: what happens at the stop is no lack of workers.
  def close
    @log.close
  end

  private

  def take(event)
    @began ||= stamp(event)
    case event.name
    when "worker_run" then run(event)
    when *LEAVES then leave(event)
    when "recycle" then recycle(event)
    when "worker_ready" then succeed(event)
    end
  end

  def run(event)
    @fetching[event.number(:pid)] = true
    @least ||= @fetching.size if @fetching.size >= @processes
    @events += 1
  end

  def leave(event)
    @fetching.delete(event.fields[:pid].to_i)
    @events += 1
    note(@fetching.size)
    recycled = @recycles.find { |each| each.pid == event.fields[:pid].to_i }
    recycled.done = event.number(:done) if recycled && event.name == "worker_gone" && event[:done]
  end

  def recycle(event)
    @recycles << Recycle.new(slot: event.number(:slot), pid: event.number(:pid), at: since(event),
                             rss_kib: event.number(:rss_kib), limit_kib: event.number(:limit_kib))
  end

  def succeed(event)
    recycled = @recycles.find { |each| each.slot == event.number(:slot) && each.successor_kib.nil? } or return

    recycled.successor_kib = event.number(:rss_kib)
    recycled.ready_at = since(event)
  end

  def note(number)
    @least = [@least, number].min if @least
  end

  def since(event)
    stamp(event) - @began
  end

  def stamp(event)
    Time.iso8601(event.line[/\A\S+/]).to_f
  end
end
