# frozen_string_literal: true

require "bundler"

module Cow
  # From where and with which environment script/bench was called, before it made its own.
  class Caller
    # Names a descriptor with the variables, each ended by a NUL.
    DESCRIPTOR = "COW_CALLER_ENVIRONMENT"
    DIRECTORY = "COW_CALLER_DIRECTORY"

    # environment  all its variables
    # directory    where relative paths begin
    attr_reader :environment, :directory

    # Called without script/bench, the caller is who started this process.
    def initialize
      descriptor = ENV.delete(DESCRIPTOR)
      @directory = ENV.delete(DIRECTORY) || Dir.pwd
      @environment = descriptor ? read(Integer(descriptor)) : Bundler.original_env
    end

    private

    def read(descriptor)
      source = IO.for_fd(descriptor, "rb")
      pairs = source.read.split("\0").filter_map { |text| text.split("=", 2) }
      pairs.select { |pair| pair.size == 2 }.to_h { |pair| pair.map { |text| text.dup.force_encoding("UTF-8") } }
    ensure
      source&.close
    end
  end
end
