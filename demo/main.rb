# frozen_string_literal: true

# The demonstration that script/demo runs. It is the customers of the shop: sends jobs, watches, counts, and ends
# everything that it started, also when it is interrupted.

require "bundler/setup"
require_relative "story"

# Raised where a signal arrives.
class Interrupted < StandardError
  attr_reader :code

  def initialize(name)
    super("interrupted by #{name}")
    @code = 128 + Signal.list.fetch(name)
  end
end

%w[INT TERM HUP].each { |name| trap(name) { raise Interrupted, name } }
$stdout.sync = true
story = Story.new
begin
  code = story.tell
rescue Interrupted => e
  code = e.code
  warn "\ndemo: #{e.message}"
rescue Story::Failed, Deadline::Missed => e
  code = 1
  warn "\ndemo: #{e.message}"
rescue Errno::EPIPE
  code = 1
ensure
  # What was begun here is also ended, whatever arrives.
  %w[INT TERM HUP].each { |name| trap(name) { code = 128 + Signal.list.fetch(name) } }
  story.end_everything
end
exit code
