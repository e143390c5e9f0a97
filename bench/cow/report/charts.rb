# frozen_string_literal: true

require_relative "bars"
require_relative "curves"

module Cow
  # The charts of one file of results: which there can be, and their data.
  class Charts
    # What each lever adds to those before it.
    CHAIN = { "plain" => "separate Sidekiqs", "fork-only" => "forked from one boot", "warmup-only" => "+ preparation",
              "and-growth" => "+ bounded growth", "no-warm" => "+ jemalloc", "swarm" => "+ warming: swarm's default",
              "hook" => "+ warm-up hook", "everything" => "+ re-fork" }.freeze
    LESS = "#009e73"
    MORE = "#d55e00"

    # Returns the text below each chart, by the name of the chart.
    TITLES = { "total-memory" => "Total memory against the number of workers",
               "private-memory" => "Private memory of a worker against the jobs that it did",
               "sharing" => "What a worker still shares", "levers" => "What each lever brings",
               "memory-and-cpu" => "Memory and CPU time side by side" }.freeze

    # findings  Findings
    # subject   what was measured, as titles end
    def initialize(findings, subject)
      @findings = findings
      @subject = subject
    end

    # Plots by name, of what there are results for.
    def all
      TITLES.keys.to_h { |name| [name, send(name.tr("-", "_"))] }.compact
    end

    private

    def total_memory
      cases = @findings.cases("processes")
      return if cases.map(&:processes).uniq.size < 2

      curves = Curves.new(title: titled("Memory of all processes"), x_text: "workers",
                          y_text: "PSS of all, MB, after #{cases.first.jobs} jobs a worker")
      cases.group_by(&:way).each do |way, list|
        points = list.to_h { |measured| [measured.processes, @findings.figure(measured, :total)] }
        curves.add(title(way), Plot.colour(way), points)
      end
      curves.plot
    end

    def private_memory
      over_jobs("Private memory of a worker", "USS of the mean worker, MB") { |_, point| Figure.uss_mb(point) }
    end

    def sharing
      over_jobs("What a worker still shares", "of what it shared before its first job, %", 105,
                except: "plain") { |run, point| Figure.retained(run, point) }
    end

    # The suite that follows the jobs furthest.
    def over_jobs(text, y_text, top = nil, except: nil, &block)
      cases = (%w[decay headline app].map { |suite| @findings.groups(suite).values.first }.compact.first || [])
              .reject { |measured| measured.way == except }
      return if cases.empty? || cases.first.checkpoints.size < 3

      curves = Curves.new(title: titled(text), x_text: "jobs done by each worker", y_text: y_text, top: top,
                          names: cases.first.checkpoints.map(&:to_s))
      cases.each do |measured|
        curves.add(title(measured.way), Plot.colour(measured.way), @findings.by_checkpoint(measured, &block))
      end
      curves.plot
    end

    def levers
      found = @findings.cases("levers").to_h { |measured| [measured.way, measured] }
      chain = CHAIN.keys & found.keys
      return if chain.size < 3

      sizes = chain.map { |way| @findings.figure(found[way], :total).median }
      bars = [whole("plain", sizes.first), *steps(sizes)]
      Bars.new(titled("What each lever brings"), CHAIN.values_at(*chain))
          .panel("PSS of all #{found[chain.first].processes} workers, MB", bars).plot
    end

    def whole(way, size)
      [0, size, Plot.colour(way), size.round.to_s]
    end

    # From the size before to the size with it.
    def steps(sizes)
      sizes.each_cons(2).map do |before, after|
        [before, after, after <= before ? LESS : MORE, format("%d (%+d)", after.round, (after - before).round)]
      end
    end

    def memory_and_cpu
      cases = %w[headline app].map { |suite| @findings.groups(suite).values.first }.compact.first or return

      chart = Bars.new(titled("After #{cases.first.jobs} jobs a worker"), cases.map { |measured| title(measured.way) })
      chart.panel("PSS of all with #{cases.first.processes} workers, MB", bars(cases, :total, 0))
      chart.panel("CPU time of a job, ms", bars(cases, :cpu_ms, 2)).plot
    end

    def bars(cases, name, digits)
      cases.map do |measured|
        figure = @findings.figure(measured, name)
        [0, figure.median, Plot.colour(measured.way), format("%.#{digits}f", figure.median), figure.min, figure.max]
      end
    end

    def title(way)
      Ways.find(way).title
    end

    def titled(text)
      "#{text} (#{@subject})"
    end
  end
end
