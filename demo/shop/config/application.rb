# frozen_string_literal: true

# The Rails application of the demonstration: the bookshop of the tests, with jobs that take their time and a
# receipt for each job that was done.

require_relative "../../../test/fixtures/rails/config/application"
require_relative "../lib/patient_database"
require_relative "../lib/receipts"

shop = Bookshop::Application
shop.config.eager_load_paths.concat(%w[models sidekiq].map { |name| File.expand_path("../app/#{name}", __dir__) })
shop.config.paths["config/database"] = File.expand_path("database.yml", __dir__)

Sidekiq.configure_server do |config|
  config.server_middleware { |chain| chain.add Receipts }
end
