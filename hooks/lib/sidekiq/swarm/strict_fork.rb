# frozen_string_literal: true

# What --strict-fork does with what Hygiene has found: it refuses. It must not end or close anything.

module Sidekiq
  module Swarm
    # Raised in a mold that must not be forked as it is.
    class StrictForkError < StandardError
    end

    # The refusal.
    module StrictFork
      REMEDIES = {
        threads: "threads that no worker would have (end them in before_fork, start them in after_fork)",
        sockets: "sockets that all workers would share (close them in before_fork, open them in after_fork)",
        identities: "names of this process that all workers would have (forget them in before_fork, " \
                    "make them anew in after_fork)"
      }.freeze
      # A number alone is mostly kept to be compared with Process.pid: that is how a library notices a fork.
      NUMBER = / = \d+\z/

      # Facts of what is alive, by the names of REMEDIES, one entry a line. Raises StrictForkError that names
      # each of them.
      def self.refuse(facts)
        found = facts.slice(*REMEDIES.keys).transform_values { |text| text.split("\n").grep_v(NUMBER) }
        found = found.reject { |_, entries| entries.empty? }
        return if found.empty?

        parts = found.map { |kind, entries| "#{REMEDIES.fetch(kind)}: #{entries.join(", ")}" }
        raise StrictForkError, "--strict-fork: #{parts.join("; ")}", []
      end
    end
  end
end
