# frozen_string_literal: true

# The application of the load test: jobs that do nothing, and one that notes the time and says whether the jobs to
# come are to be noted on the board.

require "sidekiq"

Sidekiq.configure_server { |config| config.logger.level = Logger::WARN }

# Takes swarm's middleware out of the chain and puts it back. Plain Sidekiq has none.
module Board
  LOCK = Mutex.new

  def self.switch(on)
    LOCK.synchronize do
      chain = Sidekiq.default_configuration.default_capsule.server_middleware
      @entry ||= chain.entries.find { |entry| entry.klass.name == "Sidekiq::Swarm::Tally" }
      others = chain.entries - [@entry]
      # The list as a whole: other threads go through it meanwhile.
      chain.instance_variable_set(:@entries, on && @entry ? [@entry, *others] : others)
    end
  end
end

# Everything it costs is Sidekiq's.
class EmptyJob
  include Sidekiq::Job

  sidekiq_options retry: false

  def perform(_text, _number, _hash); end
end

# Notes which way begins, the clock and the CPU time of its process, in µs.
class MarkJob
  include Sidekiq::Job

  sidekiq_options retry: false

  CLOCKS = [Process::CLOCK_MONOTONIC, Process::CLOCK_PROCESS_CPUTIME_ID].freeze

  def perform(way)
    Board.switch(way == "with")
    clocks = CLOCKS.map { |clock| Process.clock_gettime(clock, :microsecond) }
    Sidekiq.redis { |redis| redis.call("RPUSH", "marks", [way, *clocks].join(" ")) }
  end
end
