# frozen_string_literal: true

# Does nothing: what the machinery itself costs.
class NothingJob
  include Sidekiq::Job

  def perform(number); end
end
