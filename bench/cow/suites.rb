# frozen_string_literal: true

require_relative "case"

module Cow
  # Which cases belong together, and how often each is run unless the user says otherwise.
  module Suites
    MAIN = { processes: [8], concurrency: [5], jobs: 2_000, kinds: %w[MixedJob], runs: 3 }.freeze

    ALL = {
      "headline" => { ways: %w[plain process-manager warmup-only swarm hook], runs: 5 },
      "levers" => { ways: %w[plain fork-only warmup-only and-growth no-warm swarm hook everything
                             no-growth no-jemalloc no-prepare no-compact] },
      "processes" => { ways: %w[plain process-manager swarm hook], processes: [1, 2, 4, 8, 16] },
      "concurrency" => { ways: %w[plain process-manager swarm], processes: [4], concurrency: [1, 5, 10], jobs: 1_000 },
      "jobs" => { ways: %w[plain process-manager swarm], processes: [4], jobs: 1_000,
                  kinds: %w[NothingJob OrderJob BufferJob LeakJob TouchJob ColdJob MixedJob] },
      "decay" => { ways: %w[plain process-manager fork-only swarm hook everything], processes: [4], jobs: 10_000 },
      "preload" => { ways: %w[plain none gems swarm], processes: [4], jobs: 100 }
    }.transform_values { |row| MAIN.merge(row).freeze }.freeze

    # The user's own application, where nil is what it says itself.
    APP = { ways: %w[plain swarm], processes: [4], concurrency: [nil], jobs: 200, runs: 3 }.freeze

    QUICK = { processes: [2], concurrency: [2], jobs: 10, runs: 1 }.freeze

    module_function

    # The cases of a row; those that are compared follow each other.
    def cases(row)
      row[:processes].product(row[:concurrency], row[:kinds], row[:ways]).map do |processes, concurrency, kind, way|
        Case.new(way: way, processes: processes, concurrency: concurrency, job: kind, jobs: row[:jobs])
      end
    end
  end
end
