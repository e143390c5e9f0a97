# frozen_string_literal: true

# Stands in for Sidekiq::Swarm::Native, which C defines in a mold: every call is noted. It must know no more
# names than C does.
module RecordedNative
  NAMES = %i[step failure ready wait_run wait_run_for stopping unblock_signals promoted? leave_work job_started job_done
             job_failed holds? quiet].freeze

  class << self
    attr_accessor :options

    # The calls so far: [name, *arguments].
    def calls
      @calls ||= []
    end

    def names
      calls.map(&:first)
    end

    NAMES.each do |name|
      define_method(name) do |*arguments|
        calls << [name, *arguments]
        nil
      end
    end
  end
end
