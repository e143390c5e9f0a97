# frozen_string_literal: true

# What Sidekiq and ActiveJob ask a job's class at its first job and remember in it. It must not make a job.

require_relative "attempt"

module Sidekiq
  module Swarm
    class Warm
      # The classes of jobs.
      module JobClasses
        extend Attempt

        class << self
          # Resolves the classes' options and queues.
          def run(_adapter)
            sidekiq = of_sidekiq
            sidekiq.each { |klass| attempt { klass.get_sidekiq_options } }
            active = of_active_job
            active.each { |klass| attempt { [klass.queue_name, klass.priority] } }
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
        end
      end
    end
  end
end
