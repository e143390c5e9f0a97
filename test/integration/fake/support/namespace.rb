# frozen_string_literal: true

require "open3"
require_relative "processes"

# namespace.rb: a pid namespace of its own, where the master is process 1.
# It must change nothing outside of it.
module Namespace
  # With privileges, else through a user namespace; the master dies with its unshare.
  COMMANDS = [
    %w[unshare --pid --fork --mount-proc --kill-child],
    %w[unshare --user --map-root-user --pid --fork --mount-proc --kill-child]
  ].freeze

  module_function

  # The command that makes one here; nil where nobody may.
  def command
    COMMANDS.find { |words| Open3.capture2e(*words, "true").last.success? }
  rescue Errno::ENOENT
    nil
  end

  # The pid, as seen from here, of the first process in it.
  def first_process(unshare_pid)
    Deadline.wait("the first process of the namespace") do
      children(unshare_pid).find { |pid| File.readlink("/proc/#{pid}/exe").end_with?("/swarm") rescue false }
    end
  end

  def children(pid)
    File.read("/proc/#{pid}/task/#{pid}/children").split.map(&:to_i)
  rescue SystemCallError
    []
  end

  # The pids in the namespace by the pids here: the last field of NSpid, see proc(5).
  def inner_pid(pid)
    File.read("/proc/#{pid}/status")[/^NSpid:.*\s(\d+)$/, 1]&.to_i
  rescue SystemCallError
    nil
  end
end
