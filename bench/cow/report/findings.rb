# frozen_string_literal: true

require_relative "../case"
require_relative "../figure"
require_relative "../statistics"
require_relative "../suites"
require_relative "../ways"

module Cow
  # The stored results as tables and charts ask for them.
  class Findings
    # results  Results
    def initialize(results)
      @results = results
    end

    # Facts that all runs share.
    def machine
      @results.machine
    end

    # Names of the suites that have a result, in the table's order.
    def suites
      (Suites::ALL.keys | @results.suites.keys).select { |name| cases(name).any? }
    end

    # The cases of a suite that have a result.
    def cases(name)
      row = @results.suites[name] or return []

      Suites.cases(row).select { |measured| runs(measured).any? }
    end

    # The same without their ways: what is compared with each other. Each with its cases.
    def groups(name)
      cases(name).group_by { |measured| measured.dup.tap { |copy| copy.way = nil } }
    end

    def runs(measured)
      @results.of(measured)
    end

    # A figure of Figure over all runs of a case.
    def figure(measured, name)
      Statistics.new(runs(measured).map { |run| Figure.of(run, name) })
    end

    # The block's number for each checkpoint of a case, over all runs: Statistics by number of jobs.
    def by_checkpoint(measured)
      numbers = measured.checkpoints.to_h { |jobs| [jobs, []] }
      runs(measured).each do |run|
        run["checkpoints"].each { |checkpoint| numbers[checkpoint["jobs"]] << yield(run, checkpoint) }
      end
      numbers.transform_values { |list| Statistics.new(list) }
    end

    # A median as a share of that of the same case gone another way; nil where one is missing.
    def share(measured, name, way)
      other = measured.dup.tap { |copy| copy.way = way }
      own, its = figure(measured, name), figure(other, name)
      own.median.to_f / its.median unless own.none? || its.none? || its.median.zero?
    end

    def title(measured)
      Ways.find(measured.way).title
    end

    # When and under which load a suite was taken, by which versions of the project.
    def circumstances(name)
      all = cases(name).flat_map { |measured| runs(measured) }
      days = all.map { |run| run["at"][0, 10] }.minmax.uniq.join(" to ")
      commits = all.map { |run| run["commit"] }.compact.uniq
      loads = Statistics.new(all.map { |run| run["load"] })
      "#{all.size} runs, #{days}, #{commits.any? ? "commit #{commits.join(", ")}, " : ""}" \
        "load average #{format("%.1f to %.1f", loads.min, loads.max)} at their ends"
    end
  end
end
