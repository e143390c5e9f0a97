# frozen_string_literal: true

# What workers cost in memory and CPU, for each way to run them. See cow/command.rb.

# Told without any gem.
if ARGV == %w[--help]
  require_relative "cow/options"
  puts Cow::Options.new(ARGV.dup, directory: Dir.pwd, environment: ENV.to_h).help
  exit
end

require "bundler/setup"
require_relative "cow/command"

Cow::Command.run(ARGV)
