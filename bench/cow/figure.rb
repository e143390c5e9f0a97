# frozen_string_literal: true

module Cow
  # Figures of one stored run, by name. Memory is in MB (of 1024 KiB), CPU and times as the name says.
  module Figure
    ALL = {
      total: ->(run) { mb(run, "total", "pss_kib") },
      rss: ->(run) { mb(run, "worker", "rss_kib") },
      uss: ->(run) { mb(run, "worker", "uss_kib") },
      swap: ->(run) { mb(run, "total", "swap_kib") },
      faults: ->(run) { (run["checkpoints"].last["worker"]["minor_faults"] - first(run)["worker"]["minor_faults"]) },
      cpu_s: ->(run) { run["checkpoints"].last["cpu_s"] },
      cpu_ms: ->(run) { run["checkpoints"].last["cpu_s"] * 1_000.0 / jobs(run) },
      rate: ->(run) { jobs(run) / run["checkpoints"].last["wall_s"] },
      boot_s: ->(run) { run["boot"]["wall_s"] },
      boot_cpu_s: ->(run) { run["boot"]["cpu_s"] },
      fork_ms: ->(run) { run["fork_ms"].sort[run["fork_ms"].size / 2] },
      retained: ->(run) { retained(run, run["checkpoints"].last) }
    }.freeze

    class << self
      # Returns a number, or nil where the run has none.
      def of(run, name)
        ALL.fetch(name).call(run)
      end

      # The private memory of the mean worker at a checkpoint.
      def uss_mb(checkpoint)
        checkpoint["worker"]["uss_kib"] / 1024.0
      end

      # What a worker still shares of what it shared with its mold before its first job, in percent.
      def retained(run, checkpoint)
        return if run["case"]["way"] == "plain"

        before = shared(first(run))
        100.0 * shared(checkpoint) / before if before.positive?
      end

      private

      def first(run)
        run["checkpoints"].first
      end

      def shared(checkpoint)
        checkpoint["worker"]["copied_shared_kib"]
      end

      def mb(run, part, name)
        run["checkpoints"].last[part][name] / 1024.0
      end

      def jobs(run)
        (run["case"]["processes"] * run["case"]["jobs"]).to_f
      end
    end
  end
end
