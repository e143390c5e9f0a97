# frozen_string_literal: true

# Signals workers and molds of a running swarm, at random moments and in random ways. Only processes of that service
# are ever signalled.
class Killer
  WAYS = (([:KILL] * 5) + ([:TERM] * 4) + ([:STOP] * 3) + ([:SEGV] * 2) + [:mold]).freeze
  STOPPED_S = 2

  # way => how often
  attr_reader :counts
  # pids of workers that were signalled with what ends them
  attr_reader :victims

  # random  a Random
  # mean_s  the mean time from one kill to the next
  def initialize(service, log, random:, mean_s:)
    @service = service
    @log = log
    @random = random
    @mean_s = mean_s
    @counts = Hash.new(0)
    @victims = []
    @stopped = {}
    plan_next
  end

  # To be called often.
  def tick
    wake_stopped
    return if Deadline.now < @next_at

    plan_next
    strike(WAYS.sample(random: @random))
  end

  # Everybody goes on.
  def rest
    @stopped.each_key { |pid| @service.signal_process(pid, :CONT) }
    @stopped.clear
  end

  private

  def plan_next
    @next_at = Deadline.now + @random.rand((@mean_s * 0.5)..(@mean_s * 1.5))
  end

  def strike(way)
    pid = way == :mold ? @log.mold : @log.living.keys.sample(random: @random)
    return unless pid && @service.signal_process(pid, way == :mold ? :KILL : way)

    @counts[way] += 1
    if way == :STOP
      @stopped[pid] = Deadline.now + STOPPED_S
    elsif way != :mold
      @victims << pid
    end
  end

  def wake_stopped
    due, = @stopped.partition { |_, at| at <= Deadline.now }
    due.each do |pid, _|
      @stopped.delete(pid)
      @service.signal_process(pid, :CONT)
    end
  end
end
