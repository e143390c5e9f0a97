# frozen_string_literal: true

# What the mold's C calls, and nothing else does. Each method is one protected call: what it raises
# decides the status the process leaves with, as Ruby itself would. It must not know how a fork is made.

require_relative "application"
require_relative "check"
require_relative "failure"
require_relative "hygiene"
require_relative "mold"
require_relative "worker"

module Sidekiq
  module Swarm
    # The border from C to Ruby.
    module Runtime
      class << self
        # Boots what the options ask for, up to before the first fork, or, in a worker that boots by
        # itself, up to before Sidekiq starts. Returns the facts: a Hash by the names of struct wire_facts.
        # Raises what the application raised; Native.failure has told of it by then.
        def boot
          options = Native.options
          @application = Application.new(options)
          return (@facts = @application.boot_worker) if options[:role] == :worker

          @mold = Mold.new(@application, options)
          options[:check] ? Check.new(@application).complete(@mold.boot) : @mold.boot
        end

        # Before each fork: closes what was opened again since the last one. Cheap when nothing was.
        def before_spawn
          @mold.settle
        end

        # The whole life of a worker, from the fork to the end of Sidekiq. Normally ends with SystemExit; returns
        # the facts of a mold where the worker has become one.
        def work(slot, index, generation, _request)
          Worker.new(@application, slot: slot, index: index, generation: generation, facts: @facts).run
        end

        # Backtraces of all Ruby threads, as one text.
        def trace
          Hygiene.backtraces
        end
      end
    end
  end
end
