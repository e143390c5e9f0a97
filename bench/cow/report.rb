# frozen_string_literal: true

require_relative "report/charts"
require_relative "report/findings"
require_relative "report/goals"
require_relative "report/tables"
require_relative "results"

module Cow
  # Makes README.md and the charts of a folder from the results in it, one chapter for each version of Ruby.
  class Report
    HEAD = <<~MARKDOWN
      # What workers cost

      Written by `script/bench cow`; a change by hand is lost. Each figure is the median of its runs, with their least
      and greatest behind it. Memory was read from outside, while all processes were held still and alive: "of all" is the sum
      of the proportional set sizes (PSS) of every process that belongs to it, "a worker alone" the memory that nobody
      shares with it (USS). 1 MB is 1024 KiB. "Still shared" compares the memory that a worker shares by copy-on-write
      (files are left out) to what it shared so before its first job.
    MARKDOWN

    # folder   with results-*.json
    # subject  what was measured
    def initialize(folder, subject)
      @folder = folder
      @subject = subject
    end

    def write
      chapters = Dir.glob(File.join(@folder, "results-*.json")).map { |path| chapter(Results.new(path)) }
      File.write(File.join(@folder, "README.md"), [HEAD, *chapters].join("\n"))
    end

    private

    def chapter(results)
      findings = Findings.new(results)
      version = findings.machine["ruby"]
      parts = ["## Ruby #{version}\n", "#{surroundings(findings.machine)}\n", goals(findings),
               *charts(findings, version), *findings.suites.map { |suite| section(findings, suite) }]
      parts.compact.join("\n")
    end

    # What was measured, and where: every fact that the results share.
    def surroundings(machine)
      facts = machine.reject { |_, value| value.nil? || value == "" }
      "Of #{@subject}. #{facts.map { |name, value| "#{name.tr("_", " ")} #{value}" }.join(", ")}."
    end

    # The goals are those of the project's own application.
    def goals(findings)
      Goals.new(findings).to_table unless findings.suites == ["app"]
    end

    def section(findings, suite)
      ["### #{suite}\n", *Tables.new(findings).of(suite), "#{findings.circumstances(suite)}.\n"].join("\n")
    end

    # Pictures stand beside the report, named by the version of Ruby.
    def charts(findings, version)
      unless Plot.possible?
        warn "bench: the charts are left out, since gnuplot is not installed; apt-get install gnuplot-nox"
        return []
      end

      Charts.new(findings, "Ruby #{version[/\A\d+\.\d+/]}").all.map do |name, plot|
        file = "#{name}-ruby#{version[/\A\d+\.\d+/]}"
        plot.write(File.join(@folder, file))
        "![#{Charts::TITLES.fetch(name)}](#{file}.svg)\n"
      end
    end
  end
end
