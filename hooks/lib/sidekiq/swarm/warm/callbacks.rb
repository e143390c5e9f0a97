# frozen_string_literal: true

# ActiveSupport compiles a chain of callbacks when it first runs, in each class of records, jobs, mailers and
# controllers. It must not run a callback.

require_relative "attempt"

module Sidekiq
  module Swarm
    class Warm
      # Chains of callbacks.
      module Callbacks
        extend Attempt

        class << self
          # Compiles the chains of all classes.
          def run(_adapter)
            return unless defined?(::ActiveSupport::Callbacks)

            chains = classes.flat_map { |klass| klass.__callbacks.values }.uniq(&:object_id)
            chains.each { |chain| attempt { compile(chain) } }
            true
          end

          private

          def classes
            ObjectSpace.each_object(Class).select { |klass| klass < ::ActiveSupport::Callbacks && klass.name }
          end

          def compile(chain)
            chain.method(:compile).arity.zero? ? chain.compile : chain.compile(nil)
          end
        end
      end
    end
  end
end
