# frozen_string_literal: true

# For an application of the trap tests: the real Sidekiq, of the Gemfile at hand, with swarm's middleware, in a
# worker with a real board. No Redis: what would be fetched is handed over. It must be loaded in the mold.

$LOAD_PATH.unshift(File.expand_path("../../../hooks/lib", __dir__))

require "sidekiq/cli"
require "sidekiq/swarm/adapter"
require "sidekiq/swarm/tally"

# Works jobs as a thread of Sidekiq does.
module RealSidekiq
  # What a fetch gives.
  Work = Struct.new(:job, :queue_name) do
    def acknowledge; end
    def requeue; end
  end

  class << self
    # Puts swarm's middleware where it belongs.
    def install
      adapter = Sidekiq::Swarm::Adapter.new
      adapter.parse(["-r", File.expand_path("app.rb")])
      @config = adapter.config
      @config.logger.level = Logger::FATAL
      Sidekiq::Swarm::Tally.install(adapter)
    end

    # Works one job, given as the text that stands in Redis. What it raises is gone, as in Sidekiq's own thread.
    def work(text, queue = "default")
      owner = @config.respond_to?(:default_capsule) ? @config.default_capsule : @config
      Sidekiq::Processor.new(owner) { nil }.send(:process, Work.new(text, queue))
    rescue StandardError, Sidekiq::Shutdown
      nil
    end

    # A text for Redis.
    def text(klass, arguments: [], jid: "j1", **more)
      Sidekiq.dump_json({ class: klass, args: arguments, jid: jid, retry: false, queue: "default" }.merge(more))
    end
  end
end
