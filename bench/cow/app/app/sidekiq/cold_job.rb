# frozen_string_literal: true

# Uses what other jobs do not: code that has never run, data that nobody has looked at. Each number
# takes another part.
class ColdJob
  include Sidekiq::Job

  def perform(number)
    corner = ColdCorners::ALL[number % ColdCorners::ALL.size]
    ColdCorners.public_send(corner, number / ColdCorners::ALL.size)
  end
end
