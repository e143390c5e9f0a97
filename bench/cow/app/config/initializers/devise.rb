# frozen_string_literal: true

Devise.setup do |config|
  config.mailer_sender = "accounts@depot.example"
  config.parent_controller = "ApplicationController"
  require "devise/orm/active_record"
  config.case_insensitive_keys = [:email]
  config.strip_whitespace_keys = [:email]
  config.stretches = 12
  config.password_length = 8..128
  config.reset_password_within = 6.hours
end
