# frozen_string_literal: true

# What Sidekiq and ActiveJob ask a job's class at its first job and remember in it. It must not make a job.

module Sidekiq
  module Swarm
    class Warm
      # The classes of jobs.
      module JobClasses
        class << self
          # Resolves the classes' options and queues.
          def run(_adapter)
            sidekiq = of_sidekiq
            sidekiq.each { |klass| resolve(klass) { klass.get_sidekiq_options } }
            active = of_active_job
            active.each { |klass| resolve(klass) { [klass.queue_name, klass.priority] } }
            true
          end

          private

          def of_sidekiq
            ObjectSpace.each_object(Class).select { |klass| klass < Sidekiq::Job && klass.name }
          end

          def of_active_job
            return [] unless defined?(::ActiveJob::Base)

            # Its serializers are made when the first job is.
            ::ActiveJob::Serializers.serializers
            ::ActiveJob::Base.descendants
          end

          def resolve(_klass)
            yield
          rescue StandardError, ScriptError
            nil
          end
        end
      end
    end
  end
end
