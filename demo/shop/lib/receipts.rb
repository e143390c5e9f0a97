# frozen_string_literal: true

# Writes a receipt for each job that came to its end: a row in the application's database, and the job's id in a
# set in Redis. Two books that know nothing of each other, and nothing of swarm.
class Receipts
  include Sidekiq::ServerMiddleware

  DONE = "shop:done"

  def call(_job, payload, _queue)
    yield
    Receipt.create!(jid: payload.fetch("jid"), job: payload["wrapped"] || payload["class"])
    redis { |connection| connection.call("SADD", DONE, payload.fetch("jid")) }
  end
end
