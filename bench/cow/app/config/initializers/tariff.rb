# frozen_string_literal: true

# The tariff of the carriers is read once, when the application boots.
Rails.application.config.after_initialize { Tariff.load }
