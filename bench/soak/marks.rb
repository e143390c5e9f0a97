# frozen_string_literal: true

# Writes into a list in Redis what becomes of each job: "begun", "done", "failed", or "cut" where Sidekiq ended it in
# order to push it back; with its id, its process, and the wall clock in milliseconds. Knows nothing of swarm.
class Marks
  include Sidekiq::ServerMiddleware

  LIST = "soak:marks"

  def call(_job, payload, _queue)
    mark("begun", payload)
    yield
    mark("done", payload)
  rescue Sidekiq::Shutdown
    mark("cut", payload)
    raise
  rescue StandardError
    mark("failed", payload)
    raise
  end

  private

  def mark(what, payload)
    now_ms = Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond)
    redis { |connection| connection.call("RPUSH", LIST, "#{what} #{payload.fetch("jid")} #{Process.pid} #{now_ms}") }
  end
end
