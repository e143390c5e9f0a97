# frozen_string_literal: true

# The way of a job through Sidekiq's processor: a few hundred jobs that do nothing go it in the mold, so that
# the caches of methods and constants along it are filled there. The application's middleware is left out: it
# may ask Redis, or tell somebody of jobs that nobody sent.

require_relative "../practice"
require_relative "../tally"
require_relative "../tally_entry"

module Sidekiq
  module Swarm
    class Warm
      # Sidekiq's own code.
      module Processor
        JOBS = 300

        class << self
          # Works the jobs. A fork runs their like thousands of times.
          def run(adapter)
            Practice.new(adapter.config, chain(adapter.config)).work_nothing(JOBS)
            true
          end

          private

          def chain(config)
            Sidekiq::Middleware::Chain.new(config).tap { |chain| TallyEntry.prepend(chain, Tally.new) }
          end
        end
      end
    end
  end
end
