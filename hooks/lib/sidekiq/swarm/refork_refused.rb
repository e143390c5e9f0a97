# frozen_string_literal: true

# Why a worker does not become a mold: each thing that is alive in it, and the remedy.

module Sidekiq
  module Swarm
    # Forks would lose these threads, and share these sockets.
    class ReforkRefused < StandardError
      # Entries such as "thread beat (started at app.rb:3)" or "socket fd 12 tcp 127.0.0.1:6379".
      def self.of(entries)
        new("still alive: #{entries.join("; ")}. End them in Sidekiq::Swarm.before_refork, or leave out --refork-after")
      end
    end
  end
end
