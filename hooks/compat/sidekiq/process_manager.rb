# frozen_string_literal: true

# Stands in for the gem sidekiq-process_manager: an application's hooks for it become hooks of swarm. This
# folder comes first on the load path in a mold, so that it is found even while the old gem is still in the
# Gemfile. It must define no more than an application uses of it.

require "sidekiq/swarm"

module Sidekiq
  # The hooks' names of sidekiq-process_manager.
  module ProcessManager
    # That of the gem whose hooks these are.
    VERSION = "1.1.2"

    class << self
      # Once per mold, before the first fork.
      def before_fork(&block)
        Swarm.before_fork(&block)
      end

      # In each worker. The gem gives its blocks no argument.
      def after_fork(&block)
        raise ArgumentError, "Sidekiq::ProcessManager.after_fork needs a block" unless block

        Swarm.after_fork(&block)
      end
    end
  end
end
