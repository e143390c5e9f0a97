# frozen_string_literal: true

# Remembers which hook raised. It must not change, wrap or swallow what was raised: the process has to
# leave as it would without swarm.

module Sidekiq
  module Swarm
    # The place of the hook that an exception came out of.
    class HookError
      @places = {}.compare_by_identity

      class << self
        # Runs the block; what it raises is noted as raised in the hook of that place, and goes on.
        def noting(place)
          yield
        rescue Exception => e # rubocop:disable Lint/RescueException
          @places[e] = place
          raise
        end

        # "file:line" of the hook that raised this exception, or nil.
        def place_of(error)
          @places[error]
        end
      end
    end
  end
end
