# frozen_string_literal: true

Rails.application.configure do
  config.enable_reloading = false
  config.eager_load = true
  config.consider_all_requests_local = false
  config.logger = ActiveSupport::TaggedLogging.new(ActiveSupport::Logger.new($stdout))
  config.log_level = :warn
  config.cache_store = :memory_store, { size: 8.megabytes }
  config.active_storage.service = :temporary
  config.active_storage.variant_processor = :disabled
  config.active_support.report_deprecations = false
  config.active_record.dump_schema_after_migration = false
  config.active_record.attributes_for_inspect = [:id]
  config.action_mailer.delivery_method = :test
  config.action_mailer.default_url_options = { host: "depot.example", protocol: "https" }
  config.i18n.fallbacks = true
end
