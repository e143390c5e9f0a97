# frozen_string_literal: true

module Cow
  # One way to run N workers: which program starts them, with which options of swarm.
  #
  # name   as it is chosen and stored
  # title  as tables and charts call it
  # kind   :plain, :manager or :swarm
  # words  options of swarm
  # hook   whether the application gets a warm-up hook
  Way = Struct.new(:name, :title, :kind, :words, :hook, keyword_init: true) do
    # words  what Sidekiq gets
    # Returns the command lines to start, each an array.
    def commands(processes, words, swarm:, control:)
      case kind
      when :plain then Array.new(processes) { ["bundle", "exec", "sidekiq", *words] }
      when :manager
        [["bundle", "exec", "sidekiq-process-manager", "--processes", processes.to_s, "--prefork", "--", *words]]
      when :swarm
        # The moments of a fork are lines of this level.
        [[swarm, "--control", control, "--log-level", "debug", "--processes", processes.to_s, *self.words, *words]]
      end
    end

    # The long options of swarm that it needs.
    def options
      words.grep(/\A--/)
    end
  end
end
