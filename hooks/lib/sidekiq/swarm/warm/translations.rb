# frozen_string_literal: true

# Translations are read from their files when the first text is asked for: some megabytes in each worker. It
# must not ask for an application's own texts.

module Sidekiq
  module Swarm
    class Warm
      # I18n.
      module Translations
        class << self
          # Loads all translations, and makes what formats numbers and dates by them.
          def run(_adapter)
            return unless defined?(::I18n::VERSION)

            ::I18n.eager_load!
            ::I18n.available_locales.each { |locale| ::I18n.t(:"swarm.none", locale: locale, default: "") }
            numbers if defined?(::ActiveSupport::NumberHelper)
            true
          end

          private

          # Each converter is a file of its own, loaded at its first number.
          def numbers
            helper = ::ActiveSupport::NumberHelper
            [1.5, 1_234_567].each do |number|
              %i[number_to_currency number_to_percentage number_to_delimited number_to_rounded number_to_human
                 number_to_human_size number_to_phone].each { |name| helper.public_send(name, number) }
            end
          end
        end
      end
    end
  end
end
