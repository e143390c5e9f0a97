# frozen_string_literal: true

# The place of swarm's middleware in a chain of Sidekiq's. Sidekiq's own entry makes a middleware for each job
# and asks it for `config=`, which costs as much as all that the middleware does; there is no public way to hand
# over one that is made already. This file holds that exception: an entry that answers to what a chain asks its
# entries (6.5 to 8.1), put in front by the chain's public list. It must not know what the middleware does.

module Sidekiq
  module Swarm
    # An entry of a chain.
    class TallyEntry
      attr_reader :klass, :make_new

      # Puts the middleware first in the chain, once. Should a chain not show its list, Sidekiq's own way is
      # taken, which makes the middleware anew.
      def self.prepend(chain, middleware)
        chain.remove(middleware.class)
        entry = new(middleware)
        chain.entries.unshift(entry)
        chain.prepend(middleware.class) unless chain.first.equal?(entry)
      end

      def initialize(middleware)
        @klass = middleware.class
        @make_new = middleware
      end
    end
  end
end
