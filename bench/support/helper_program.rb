# frozen_string_literal: true

require "open3"
require_relative "../../test/integration/support/service"

# Small programs in C that a measurement needs beside the service, built against the libraries of swarm's own build.
module HelperProgram
  BUILD = File.expand_path("../..", Service::BINARY)
  FLAGS = %W[-std=gnu17 -O2 -D_GNU_SOURCE= -I#{Service::ROOT}].freeze

  # sources  paths, from the root of the project
  # Returns the path of the program, in that folder.
  def self.build(folder, name, *sources)
    program = File.join(folder, name)
    files = sources.flat_map { |source| Dir.glob(File.join(Service::ROOT, source)) }
    libraries = %w[core leaf].map { |library| File.join(BUILD, "libswarm_#{library}.a") }
    output, status = Open3.capture2e("cc", *FLAGS, "-o", program, *files, *libraries, "-pthread", "-ldl")
    raise Deadline::Missed, "#{name} cannot be built: #{output}" unless status.success?

    program
  end
end
