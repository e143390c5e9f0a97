# frozen_string_literal: true

require "json"
require "open3"
require_relative "trouble"

module Cow
  # The program that looks at processes from outside, while they are held still. Builds it, runs it.
  class Probe
    ROOT = File.expand_path("../..", __dir__)
    SOURCES = %w[bench/cow/probe*.c rss/map*.c].freeze
    FLAGS = %W[-std=gnu17 -O2 -D_GNU_SOURCE= -I#{ROOT}].freeze

    # folder  where the program goes
    # build   a build folder of swarm with its libraries
    def initialize(folder, build)
      @program = File.join(folder, "cow-probe")
      compile(build)
    end

    # Returns what the program prints: "processes", "sum", "gone".
    def look(pids)
      output, status = Open3.capture2e(@program, "--still", "--map", *pids.map(&:to_s))
      raise Trouble, "the probe failed: #{output}" unless status.success?

      JSON.parse(output)
    end

    private

    def compile(build)
      sources = Dir.glob(File.join(ROOT, "{bench/cow/probe,rss/map}*.c"))
      libraries = %w[core leaf].map { |name| File.join(build, "libswarm_#{name}.a") }
      output, status = Open3.capture2e("cc", *FLAGS, "-o", @program, *sources, *libraries, "-ljansson", "-pthread",
                                       "-ldl")
      raise Trouble, "bench/cow/probe.c cannot be built: #{output}" unless status.success?
    end
  end
end
