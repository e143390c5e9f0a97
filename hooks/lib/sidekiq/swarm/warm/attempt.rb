# frozen_string_literal: true

# What each kind of warmth does with one thing of many: a thing that fails costs its own warmth alone. It must not
# be used where a failure has to be told.

module Sidekiq
  module Swarm
    class Warm
      # For the kinds to extend.
      module Attempt
        private

        # Returns what the block does, nil where it raised.
        def attempt
          yield
        rescue StandardError, ScriptError
          nil
        end
      end
    end
  end
end
