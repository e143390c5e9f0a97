# frozen_string_literal: true

redis = { url: ENV.fetch("REDIS_URL", "redis://localhost:6379/0") }

Sidekiq.configure_server do |config|
  config.redis = redis
  config.logger.level = Logger::WARN
end

Sidekiq.configure_client { |config| config.redis = redis }
