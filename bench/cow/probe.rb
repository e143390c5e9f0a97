# frozen_string_literal: true

require "json"
require "open3"
require_relative "trouble"

module Cow
  # The program that looks at processes from outside, while they are held still (probe.c).
  class Probe
    # program  its path
    # Raises Trouble where it is not built.
    def initialize(program)
      @program = program
      raise Trouble, "#{program} is not built; run script/setup bench" unless File.executable?(program)
    end

    # Returns what the program prints: "processes", "sum", "gone".
    def look(pids)
      output, errors, status = Open3.capture3(@program, "--still", "--map", *pids.map(&:to_s), stdin_data: "")
      raise Trouble, "the probe failed: #{errors}" unless status.success?

      JSON.parse(output)
    end
  end
end
