# frozen_string_literal: true

require "fileutils"
require "json"
require_relative "case"
require_relative "trouble"

module Cow
  # All runs so far, in a file of JSON that is whole after each run: one line a run.
  class Results
    # suites  rows of Suites by name, as they were run last
    attr_reader :path, :machine, :runs, :suites

    # path     of the file; it need not be there
    # machine  facts that all its runs share, also of the application; nil: what the file says
    # fresh    forget what is there
    def initialize(path, machine: nil, fresh: false)
      @path = path
      known = File.exist?(path) && !fresh ? JSON.parse(File.read(path)) : {}
      check(known["machine"], machine)
      @machine = machine || known["machine"]
      @runs = known.fetch("runs", [])
      @suites = known.fetch("suites", {}).transform_values { |row| row.transform_keys(&:to_sym) }
    rescue JSON::ParserError => e
      raise Trouble, "#{path} is not what the bench wrote: #{e.message.lines.first}; --fresh begins anew"
    end

    def add(run)
      @runs << run
      save
    end

    # Which cases the report is to put together under that name.
    def remember(name, row)
      @suites[name] = row
      save
    end

    # The runs of a case.
    def of(measured)
      key = measured.key
      @runs.select { |run| run["case"] == key }
    end

    private

    def save
      FileUtils.mkdir_p(File.dirname(path))
      File.write("#{path}.new", text)
      File.rename("#{path}.new", path)
    end

    def check(before, after)
      return unless before && after

      differing = (before.keys | after.keys).reject { |name| before[name] == after[name] }
      return if differing.empty?

      list = differing.map { |name| "#{name} #{before[name].inspect}, now #{after[name].inspect}" }.join("; ")
      raise Trouble, "#{path} has results of something else (#{list}); --fresh forgets them, --report DIR leaves " \
                     "them alone"
    end

    # One line a run, so that a change of it is small.
    def text
      head = { "machine" => @machine, "suites" => @suites }.map { |name, value| line(name, value) }
      "{\n#{head.join}  \"runs\": [\n#{@runs.map { |run| "    #{JSON.generate(run)}" }.join(",\n")}\n  ]\n}\n"
    end

    def line(name, value)
      "  \"#{name}\": #{JSON.generate(value)},\n"
    end
  end
end
