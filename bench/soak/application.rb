# frozen_string_literal: true

# The plain application of the tests, with a book of what becomes of each job.

require_relative "../../test/fixtures/plain/app"
require_relative "marks"

Sidekiq.configure_server do |config|
  config.logger.level = Logger::WARN
  config.server_middleware { |chain| chain.add Marks }
end
