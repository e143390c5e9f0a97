# frozen_string_literal: true

require "fiddle"

# processes.rb: what /proc says of processes, and how a test adopts and ends those it started.
# It must not touch a process whose environment does not carry the test's mark.
module Processes
  # One process; `start` (clock ticks since boot) makes its pid unmistakable.
  Entry = Struct.new(:pid, :name, :state, :parent, :group, :session, :start) do
    def to_s
      "#{name} pid=#{pid} state=#{state} parent=#{parent} group=#{group}"
    end
  end

  PR_SET_CHILD_SUBREAPER = 36

  module_function

  # Orphans of a killed master become children of the test, which then can reap them: not every
  # machine has a process 1 that does. Source: prctl(2).
  def become_subreaper
    prctl = Fiddle::Function.new(Fiddle.dlopen(nil)["prctl"],
                                 [Fiddle::TYPE_INT] + ([Fiddle::TYPE_LONG] * 4), Fiddle::TYPE_INT)
    raise "prctl failed" unless prctl.call(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0).zero?
  end

  # Reads one process; nil if it is gone.
  def find(pid)
    text = File.read("/proc/#{pid}/stat")
    # The name may hold spaces and parentheses: proc(5).
    name = text[/\((.*)\)/m, 1]
    fields = text[(text.rindex(")") + 2)..].split
    Entry.new(pid, name, fields[0], fields[1].to_i, fields[2].to_i, fields[3].to_i, fields[19].to_i)
  rescue SystemCallError
    nil
  end

  def alive?(pid)
    entry = find(pid)
    !entry.nil? && !"ZX".include?(entry.state)
  end

  # All living processes whose environment holds `mark` ("NAME=value").
  def marked(mark)
    pids = Dir.children("/proc").grep(/\A\d+\z/).map(&:to_i)
    pids.select { |pid| environment(pid).include?(mark) }.filter_map { |pid| find(pid) }
        .reject { |entry| "ZX".include?(entry.state) }
  end

  def environment(pid)
    File.binread("/proc/#{pid}/environ").split("\0")
  rescue SystemCallError
    []
  end

  # Reaps dead children of the test itself but `kept`, whose end somebody else waits for.
  def reap_orphans(kept)
    children = File.read("/proc/self/task/#{Process.pid}/children").split.map(&:to_i) - kept
    children.each { |pid| Process.wait(pid, Process::WNOHANG) }
  rescue SystemCallError
    nil
  end

  # Sends a signal to a process that may be gone by now.
  def signal(name, pid)
    Process.kill(name, pid)
  rescue Errno::ESRCH
    nil
  end

  # Ends exactly this process, not another one that got its number since.
  def kill(entry)
    signal(:KILL, entry.pid) if find(entry.pid)&.start == entry.start
  end
end
