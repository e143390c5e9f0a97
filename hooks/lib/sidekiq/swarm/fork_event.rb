# frozen_string_literal: true

# Sidekiq's event :fork. Only Sidekiq Enterprise knows it; elsewhere `config.on(:fork)` raises
# "Invalid event name: fork", and an application written for sidekiqswarm could not boot.
# There is no public way to add an event: this file holds that exception. It must not fire the event.

require_relative "adapter"

module Sidekiq
  module Swarm
    # Makes `config.on(:fork)` a known event.
    module ForkEvent
      # Adds the event where Sidekiq is loaded and does not know it. Call it before the application
      # registers its own.
      def self.declare
        events = self.events or return

        events[:fork] ||= [] unless events.frozen?
      end

      # The blocks registered for the event, in order.
      def self.blocks
        events&.fetch(:fork, nil) || []
      end

      def self.events
        Adapter.configuration&.[](:lifecycle_events)
      end
      private_class_method :events
    end
  end
end
