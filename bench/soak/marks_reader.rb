# frozen_string_literal: true

require_relative "../../test/integration/support/redis_server"

# The marks that jobs left in Redis, by job.
class MarksReader
  # Marks' own list; its class needs Sidekiq, which is not loaded here.
  LIST = "soak:marks"
  PIECE = 10_000

  # id => how often it was done
  attr_reader :done

  def initialize(redis)
    @marks = Hash.new { |marks, jid| marks[jid] = [] }
    @done = Hash.new(0)
    read(redis)
  end

  # The last mark of a job, or nil.
  def last(jid)
    of(jid).last&.first
  end

  # True if Sidekiq ended the job in order to push it back.
  def cut?(jid)
    of(jid).any? { |what, *| what == "cut" }
  end

  # The wall clock of its first beginning, or nil.
  def first_begun_s(jid)
    of(jid).first&.last
  end

  def story(jid)
    of(jid).map { |what, pid, at_s| format("%s by %d at %.3f", what, pid, at_s) }.join(", ").then do |text|
      text.empty? ? "never begun" : text
    end
  end

  private

  def of(jid)
    @marks.fetch(jid, [])
  end

  def read(redis)
    start = 0
    until (lines = redis.call("LRANGE", LIST, start, start + PIECE - 1)).empty?
      lines.each { |line| take(*line.split) }
      start += lines.size
    end
  end

  def take(what, jid, pid, now_ms)
    @marks[jid] << [what, Integer(pid), Integer(now_ms) / 1000.0]
    @done[jid] += 1 if what == "done"
  end
end
