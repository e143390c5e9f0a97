# frozen_string_literal: true

module Cow
  # One look at all processes, made small: the sum of all, the mean worker, and what is beside the workers.
  class Sample
    FIGURES = %w[rss_kib pss_kib uss_kib swap_kib minor_faults major_faults cpu_ms page_tables_kib].freeze

    # Memory that a fork shares by copy-on-write; files are shared by any two processes.
    COPIED = ["ruby heap", "malloc", "library data", "jit code", "anonymous"].freeze

    # look     what Probe#look returned
    # workers  the pids of the workers
    def initialize(look, workers)
      @processes = look.fetch("processes")
      @workers, @others = @processes.partition { |process| workers.include?(process["pid"]) }
    end

    # kinds  whether the memory of the mean worker by kind is kept, too
    def to_h(kinds:)
      all = mean_kinds
      shared = all.slice(*COPIED).sum { |_, row| row.fetch("shared_kib") }
      { "total" => sum(@processes), "worker" => mean.merge("copied_shared_kib" => shared), "others" => sum(@others) }
        .merge(kinds ? { "kinds" => all } : {})
    end

    # CPU time of all, with that of the dead whom they have waited for.
    def cpu_s
      @processes.sum { |process| process["cpu_ms"] + process.fetch("children_cpu_ms", 0) } / 1_000.0
    end

    private

    def sum(processes)
      FIGURES.to_h { |name| [name, processes.sum { |process| process[name] || 0 }] }
    end

    def mean
      sum(@workers).transform_values { |value| value / @workers.size }
    end

    # What is kept of each kind is what the probe tells of it.
    def mean_kinds
      all = @workers.map { |worker| worker.fetch("kinds", {}) }
      all.flat_map(&:keys).uniq.to_h do |kind|
        rows = all.map { |kinds| kinds.fetch(kind, {}) }
        [kind, rows.flat_map(&:keys).uniq.to_h { |name| [name, rows.sum { |row| row[name] || 0 } / rows.size] }]
      end
    end
  end
end
