# frozen_string_literal: true

# Keeps about 10 KB for ever, as a cache without a bound does.
class LeakJob
  include Sidekiq::Job

  BYTES = 10 * 1024
  KEPT = []

  def perform(number)
    KEPT << (format("%016d", number) * (BYTES / 16))
  end
end
