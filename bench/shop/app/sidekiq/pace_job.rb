# frozen_string_literal: true

# Works for a while and waits for a while, as most jobs do; then counts itself in Redis.
class PaceJob
  include Sidekiq::Job

  DONE = "paced"

  # work_ms  how long it computes
  # wait_ms  how long it waits for somebody else
  def perform(work_ms, wait_ms)
    work(work_ms / 1000.0)
    sleep(wait_ms / 1000.0)
    Sidekiq.redis { |redis| redis.call("INCR", DONE) }
  end

  private

  # By the thread's own clock: waiting for Ruby's lock is no work.
  def work(seconds)
    until_s = now + seconds
    nil until now >= until_s
  end

  def now
    Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID)
  end
end
