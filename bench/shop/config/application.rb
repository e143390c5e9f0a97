# frozen_string_literal: true

# The bookshop of the tests with the jobs of the measurements.

require_relative "../../../test/fixtures/rails/config/application"

Bookshop::Application.config.eager_load_paths << File.expand_path("../app/sidekiq", __dir__)

Sidekiq.configure_server do |config|
  config.on(:startup) { StampJob.startup }
end
