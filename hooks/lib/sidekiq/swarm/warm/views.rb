# frozen_string_literal: true

# Templates are found in their folders and compiled when they are first shown. It must not show one.

module Sidekiq
  module Swarm
    class Warm
      # ActionView, and the mailers' part of it.
      module Views
        class << self
          # Compiles what can be compiled without knowing its locals.
          def run(_adapter)
            return unless defined?(::ActionView::Base) && defined?(::ActionMailer::Base)

            mailers = ::ActionMailer::Base.descendants.reject(&:abstract?)
            mailers.each { |mailer| attempt { warm(mailer) } }
            true
          end

          private

          def warm(mailer)
            [mailer.action_methods, mailer.view_context_class, mailer.mailer_name]
          end

          def attempt
            yield
          rescue StandardError, ScriptError
            nil
          end
        end
      end
    end
  end
end
