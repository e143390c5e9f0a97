# frozen_string_literal: true

require "time"
require_relative "../../test/integration/support/event_tail"

# Reads the log of a running swarm as it grows: its events so far, and who lives by them. It only listens.
class LogFollower
  # What ends a worker's fetching.
  LEAVES = %w[worker_quiet worker_term worker_kill worker_lost worker_gone].freeze
  ENDS = %w[worker_lost worker_gone].freeze

  # all       events, in their order
  # fetching  pid => slot of the workers that fetch
  # living    pid => slot of the workers that are ready or leave
  # mold      the pid of the mold that was ready last, nil when it is gone
  attr_reader :all, :fetching, :living, :mold, :least

  # processes  how many workers there should be; `least` is kept from the moment when there are so many
  def initialize(service, processes)
    @processes = processes
    @all = []
    @fetching = {}
    @living = {}
    @log = EventTail.new(service.log_path)
  end

  # Reads what was written since the last time.
  def follow
    @log.each { |event| take(event) }
    self
  end

  # The events of that name, with these keys.
  def events(name, **keys)
    @all.select { |event| event.is?(name, keys) }
  end

  def full?
    @fetching.size >= @processes
  end

  # The wall clock of an event, in seconds.
  def time(event)
    Time.iso8601(event.line[/\A\S+/]).to_f
  end

  # `least` is of what follows.
  def forget_least
    @least = @fetching.size
  end

  def close
    @log.close
  end

  private

  def take(event)
    @all << event
    case event.name
    when "worker_ready" then @living[event.number(:pid)] = event.number(:slot)
    when "worker_run" then @fetching[event.number(:pid)] = event.number(:slot)
    when *LEAVES then leave(event)
    when "mold_ready" then @mold = event.number(:pid)
    when "mold_gone", "mold_kill", "mold_stopped" then @mold = nil if event[:pid].to_i == @mold
    end
    note_least
  end

  def leave(event)
    @fetching.delete(event[:pid].to_i)
    @living.delete(event[:pid].to_i) if ENDS.include?(event.name)
  end

  def note_least
    @least = [@least || @fetching.size, @fetching.size].min if @least || full?
  end
end
