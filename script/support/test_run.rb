# frozen_string_literal: true

# Runs the parts named on the command line and ends with the sum of their counts. script/test and
# script/lint prepare the machine and the environment before: Bundler is set to the set of gems of the
# whole run, TEST_VERSIONS names the others.
require_relative "suite/parts"
require_relative "suite/run"

root = File.expand_path("../..", __dir__)
Dir.chdir(root)
parts = Suite::Parts.new(root, versions: ENV.fetch("TEST_VERSIONS", "").split)
begin
  passed = Suite::Run.new(Suite::Report.new(root)).call(ARGV.map { |name| parts.part(name) })
  exit(passed ? 0 : 1)
rescue Suite::Run::Interrupted => e
  warn "interrupted by #{e.message}; everything that ran was ended"
  exit 130
end
