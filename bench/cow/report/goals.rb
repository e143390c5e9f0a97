# frozen_string_literal: true

module Cow
  # What the project wants to reach on its own application, and whether it does.
  class Goals
    # way, figure, of which way, at most: on Ruby 3.1, and on Ruby 3.3 and later.
    RATIOS = [["swarm", :total, "plain", 0.25, 0.30], ["swarm", :total, "process-manager", 0.50, 0.33],
              ["hook", :total, "plain", 0.20, 0.25], ["swarm", :cpu_s, "plain", 1.03, 1.03],
              ["hook", :cpu_s, "plain", 1.03, 1.03]].freeze
    SUBJECTS = { total: "memory of all", cpu_s: "CPU for the jobs" }.freeze
    LOST = 10

    def initialize(findings)
      @findings = findings
      @new = (findings.machine["ruby"].split(".").map(&:to_i) <=> [3, 2]) >= 0
    end

    # A table, or nil where nothing can be said yet.
    def to_table
      rows = ratios + throughput + lost
      Table.new(["goal", "at most", "measured", ""], rows).to_s if rows.any?
    end

    private

    def find(suite, way)
      @findings.cases(suite).find { |measured| measured.way == way }
    end

    def ratios
      RATIOS.filter_map do |way, figure, other, old, new|
        measured = find("headline", way) or next
        share = @findings.share(measured, figure, other) or next
        limit = @new ? new : old
        ["#{@findings.title(measured)}: #{SUBJECTS[figure]}, of #{other}", format("%.2f", limit),
         format("%.3f", share), share <= limit ? "met" : "missed"]
      end
    end

    # Of the other's time for a job, so that less is better here, too.
    def throughput
      %w[swarm hook].filter_map do |way|
        measured = find("headline", way) or next
        share = @findings.share(measured, :rate, "plain") or next
        ["#{@findings.title(measured)}: time for the jobs, of plain", "1.00", format("%.3f", 1 / share),
         share >= 1 ? "met" : "missed"]
      end
    end

    def lost
      %w[swarm hook everything].filter_map do |way|
        measured = find("decay", way) or next
        percent = 100 - @findings.figure(measured, :retained).median
        ["#{@findings.title(measured)}: sharing lost after #{measured.jobs} jobs a worker", "#{LOST} %",
         format("%.1f %%", percent), percent <= LOST ? "met" : "missed"]
      end
    end
  end
end
