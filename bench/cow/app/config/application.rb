# frozen_string_literal: true

require_relative "boot"
require "rails/all"

Bundler.require(*Rails.groups)

# A wholesaler of office supplies: an application of an ordinary size, to measure memory with.
module Depot
  # Its configuration. It logs to standard output and writes nothing into this folder.
  class Application < Rails::Application
    config.load_defaults Rails::VERSION::STRING.to_f
    config.root = File.expand_path("..", __dir__)
    config.i18n.available_locales = %i[en de fr es it nl pt pl sv da]
    config.i18n.default_locale = :en
    config.time_zone = "Berlin"
    config.active_job.queue_adapter = :sidekiq
    config.secret_key_base = "of this application only, which serves nobody"
  end
end
