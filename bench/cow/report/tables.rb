# frozen_string_literal: true

require_relative "table"

module Cow
  # The tables of a suite, as texts.
  class Tables
    # What a comparison shows of each way: head, figure, digits.
    COLUMNS = [["memory of all, MB", :total, 0], ["a worker alone, MB", :uss, 1], ["its RSS, MB", :rss, 0],
               ["still shared, %", :retained, 0], ["CPU for the jobs, s", :cpu_s, 1], ["jobs a second", :rate, 0],
               ["page faults of a worker", :faults, 0], ["boot, s", :boot_s, 1], ["boot, CPU s", :boot_cpu_s, 1],
               ["fork, ms", :fork_ms, 0]].freeze
    SHARES = { total: "of plain", cpu_s: "of plain" }.freeze
    # What may vary within a suite besides the way: how a table calls it.
    DIMENSIONS = { processes: "workers", concurrency: "threads", job: "job" }.freeze
    # A matrix shows these: title, figure, digits.
    MATRICES = [["memory of all, MB", :total, 0], ["a worker alone, MB", :uss, 1],
                ["CPU per job, ms", :cpu_ms, 2], ["jobs a second", :rate, 0]].freeze

    def initialize(findings)
      @findings = findings
    end

    # Returns the tables of a suite.
    def of(suite)
      groups = @findings.groups(suite)
      dimension = dimension(groups.keys)
      return [matrices(groups, dimension), swapped(groups)].flatten.compact if dimension

      groups.flat_map do |group, cases|
        [caption(group), comparison(cases), swapped(group => cases), by_checkpoint(cases), kinds(cases)].compact
      end
    end

    private

    # The one thing in which the groups differ; nil where that is none or several.
    def dimension(groups)
      varying = DIMENSIONS.keys.select { |name| groups.map(&name).uniq.size > 1 }
      varying.first if varying.size == 1
    end

    def caption(group)
      threads = group.concurrency ? " of #{group.concurrency} threads" : ""
      "#{group.processes} workers#{threads}, #{group.jobs} jobs a worker (`#{group.job}`):\n"
    end

    def comparison(cases)
      columns = COLUMNS.reject { |_, name, _| cases.all? { |measured| @findings.figure(measured, name).none? } }
      head = columns.flat_map { |text, name, _| [text, *SHARES[name]] }
      rows = cases.map do |measured|
        [@findings.title(measured), *columns.flat_map { |_, name, digits| cells(measured, name, digits) }]
      end
      Table.new(["way", *head, "runs"],
                rows.zip(cases).map { |row, measured| [*row, @findings.runs(measured).size] }).to_s
    end

    def cells(measured, name, digits)
      [@findings.figure(measured, name).to_text(digits), *(share(measured, name) if SHARES[name])]
    end

    def share(measured, name)
      ratio = @findings.share(measured, name, "plain")
      ratio ? format("%.2f", ratio) : "-"
    end

    # One figure a table: a row for each way, a column for each value of the dimension.
    def matrices(groups, dimension)
      values = groups.keys.map(&dimension)
      ways = groups.values.flatten.map(&:way).uniq
      MATRICES.map do |text, name, digits|
        rows = ways.map { |way| [Ways.find(way).title, *row(groups, way, name, digits)] }
        Table.new(["#{text}; #{DIMENSIONS[dimension]}:", *values], rows).to_s
      end
    end

    def row(groups, way, name, digits)
      groups.values.map do |cases|
        found = cases.find { |measured| measured.way == way }
        found ? @findings.figure(found, name).to_text(digits) : "-"
      end
    end

    # PSS counts nothing that was swapped out.
    def swapped(groups)
      most = groups.values.flatten.filter_map { |measured| @findings.figure(measured, :swap).max }.max
      "Up to #{most.round} MB of all processes were swapped out, which these figures do not count.\n" if most >= 1
    end

    # How a worker parts from the others.
    def by_checkpoint(cases)
      marks = cases.first.checkpoints
      return if marks.size < 4

      private_mb = cases.map { |measured| line(measured, 1) { |_, checkpoint| Figure.uss_mb(checkpoint) } }
      shared = cases.reject { |measured| measured.way == "plain" }
                    .map { |measured| line(measured, 0) { |run, checkpoint| Figure.retained(run, checkpoint) } }
      [Table.new(["a worker alone, MB; jobs it did:", *marks], private_mb).to_s,
       Table.new(["still shared, %; jobs it did:", *marks], shared).to_s].first(shared.any? ? 2 : 1).join("\n")
    end

    def line(measured, digits, &block)
      [@findings.title(measured), *@findings.by_checkpoint(measured, &block).values.map { |one| one.to_text(digits) }]
    end

    # Where the private pages of a worker are, at the end; medians.
    def kinds(cases)
      rows = cases.to_h { |measured| [@findings.title(measured), kinds_of(measured)] }.reject { |_, row| row.empty? }
      names = rows.values.flat_map(&:keys).uniq.reject { |name| rows.values.all? { |row| row.fetch(name, 0) < 0.05 } }
      return if names.empty?

      Table.new(["a worker alone, MB, by kind", *rows.keys],
                names.map { |name| [name, *rows.values.map { |row| format("%.1f", row.fetch(name, 0)) }] }).to_s
    end

    def kinds_of(measured)
      ends = @findings.runs(measured).map { |run| run["checkpoints"].last.fetch("kinds", {}) }
      ends.flat_map(&:keys).uniq.to_h do |kind|
        [kind, Statistics.new(ends.map { |found| found.dig(kind, "private_kib").to_f / 1024 }).median]
      end
    end
  end
end
