# frozen_string_literal: true

# Tells when its process got its first job. Its other jobs only take a while.
class StampJob
  include Sidekiq::Job

  STAMPS = "stamps"
  LOCK = Mutex.new

  class << self
    # Called at Sidekiq's :startup, before anything is fetched.
    def startup
      @startup_us = now_us
    end

    def now_us
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
    end

    # The time of the process's start-up, once; nil afterwards.
    def take_startup
      LOCK.synchronize do
        @startup_us.tap { @startup_us = nil }
      end
    end
  end

  # seconds  how long it takes
  def perform(seconds)
    first_us = self.class.now_us
    startup_us = self.class.take_startup
    tell(startup_us, first_us) if startup_us
    sleep seconds
  end

  private

  def tell(startup_us, first_us)
    Sidekiq.redis { |redis| redis.call("HSET", STAMPS, Process.pid, "#{startup_us} #{first_us}") }
  end
end
