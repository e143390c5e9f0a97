# frozen_string_literal: true

# Waits for somebody else's mail server, as many jobs do.
class NewsletterJob
  include Sidekiq::Job

  # seconds  how long that server takes
  def perform(seconds)
    sleep seconds
  end
end
