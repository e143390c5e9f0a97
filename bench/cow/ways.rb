# frozen_string_literal: true

require_relative "way"

module Cow
  # The table of all ways, and which of them the binary at hand can go.
  module Ways
    ALLOCATOR = %w[--allocator system].freeze
    GROWTH = %w[--heap-growth ruby].freeze
    COLD = %w[--no-warm].freeze
    NOTHING = (GROWTH + ALLOCATOR + COLD + %w[--prepare none]).freeze

    # name, title, kind, options of swarm.
    ROWS = [
      ["plain", "separate Sidekiqs", :plain, []],
      ["process-manager", "sidekiq-process_manager", :manager, []],
      ["none", "swarm --preload none", :swarm, %w[--preload none]],
      ["gems", "swarm --preload gems", :swarm, %w[--preload gems]],
      ["fork-only", "swarm, every lever off", :swarm, NOTHING],
      ["warmup-only", "swarm, Process.warmup only", :swarm, GROWTH + ALLOCATOR + COLD],
      ["and-growth", "… and bounded growth", :swarm, ALLOCATOR + COLD],
      ["no-warm", "swarm without its own warm-up", :swarm, COLD],
      ["no-growth", "swarm without bounded growth", :swarm, GROWTH],
      ["no-jemalloc", "swarm without jemalloc", :swarm, ALLOCATOR],
      ["no-prepare", "swarm without preparation", :swarm, %w[--prepare none]],
      ["no-compact", "swarm without compaction", :swarm, %w[--prepare no-compact]],
      ["swarm", "swarm", :swarm, []],
      ["hook", "swarm with a warm-up hook", :swarm, []],
      ["everything", "swarm with hook and re-fork", :swarm, %w[--refork-after auto]]
    ].freeze
    HOOKED = %w[hook everything].freeze

    ALL = ROWS.to_h do |name, title, kind, words|
      [name, Way.new(name: name, title: title, kind: kind, words: words, hook: HOOKED.include?(name))]
    end.freeze

    module_function

    # Raises KeyError for a name that is none.
    def find(name)
      ALL.fetch(name)
    end

    # help       the text of `swarm --help`
    # has_hooks  whether the gem has warm-up hooks
    # Returns why this way cannot be gone, or nil.
    def missing(way, help, has_hooks)
      unknown = way.options.reject { |option| help.match?(/(?<![\w-])#{Regexp.escape(option)}(?![\w-])/) }
      return "this swarm has no #{unknown.join(", ")}" if unknown.any?

      "this swarm has no warm-up hooks" if way.hook && !has_hooks
    end
  end
end
