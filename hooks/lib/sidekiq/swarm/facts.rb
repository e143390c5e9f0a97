# frozen_string_literal: true

# What a booted mold or worker tells of itself, by the names of struct wire_facts. It must not tell a
# secret, and must not open a connection.

require_relative "failure"
require_relative "fork_event"
require_relative "hooks"
require_relative "hygiene"

module Sidekiq
  module Swarm
    # Hashes of facts: texts are clean for the wire, lists are one entry a line.
    module Facts
      class << self
        # What is known where nothing is loaded.
        def of_ruby
          { ruby: RUBY_DESCRIPTION }
        end

        # What a booted application tells.
        def of(adapter)
          layout = adapter.layout
          of_ruby.merge(
            sidekiq: Sidekiq::VERSION, rails: rails, tag: text(adapter.tag), environment: text(adapter.environment),
            queues: text(layout.queues.join(", ")), redis: text(layout.redis),
            concurrency: layout.concurrency, timeout_ms: adapter.timeout_ms
          )
        end

        # What is alive in this process that a fork would lose or share, and the hooks there are.
        def of_process
          { threads: lines(Hygiene.threads), sockets: lines(Hygiene.sockets), identities: lines(Hygiene.identities),
            hooks: lines(hooks) }
        end

        private

        def rails
          defined?(::Rails::VERSION::STRING) ? ::Rails::VERSION::STRING : ""
        end

        def hooks
          own = Hooks::KINDS.flat_map { |kind| Swarm.hooks.places(kind).map { |place| "#{kind} #{place}" } }
          own + ForkEvent.blocks.map { |block| "fork #{Hooks.place(block)}" }
        end

        def lines(entries)
          text(entries.join("\n"))
        end

        def text(value)
          Failure.clean(value)
        end
      end
    end
  end
end
