# frozen_string_literal: true

# Loads all classes of the application for --eager-load, where its own configuration leaves them to their
# first use. It must not load what nobody registered for eager loading.

require_relative "failure"
require_relative "steps"

module Sidekiq
  module Swarm
    # What Rails does at boot with config.eager_load.
    module EagerLoad
      class << self
        # Loads what Rails, else Zeitwerk, knows; tells the step. What a file raises fails the boot.
        def run
          started = Steps.now_ms
          found = Failure.during("boot") { [rails, zeitwerk].any? }
          Native.step(found ? "eager_load" : "eager_load: neither Rails nor Zeitwerk is there", Steps.now_ms - started)
        end

        private

        # As the initializer :eager_load! of Rails::Application::Finisher does.
        def rails
          application = ::Rails.application if defined?(::Rails.application)
          return false unless application

          ::ActiveSupport.run_load_hooks(:before_eager_load, application) unless application.config.eager_load
          application.eager_load!
          application.config.eager_load_namespaces.each(&:eager_load!)
          true
        end

        def zeitwerk
          return false unless defined?(::Zeitwerk::Loader)

          ::Zeitwerk::Loader.eager_load_all
          true
        end
      end
    end
  end
end
