# frozen_string_literal: true

require "fileutils"
require "open3"
require_relative "master"

# made_group.rb: a made-up control group (version 2) that a master sees in place of the real one, in a mount namespace.
# Without a limit it is an empty tree: then the machine is the limit. The machine's memory pressure is hidden, too.
# It owns its folder; it must change nothing outside of it and of the namespace.
class MadeGroup
  NAMESPACES = [%w[unshare --mount], %w[unshare --user --map-root-user --mount]].freeze
  # The shell keeps its pid when it becomes the master, so the file of its group can be covered before.
  COVER = <<~SHELL
    mount --bind "$1" /sys/fs/cgroup && mount --bind "$2" "/proc/$$/cgroup" &&
      { test ! -d /proc/pressure || mount --bind "$3" /proc/pressure; } && shift 3 && exec "$@"
  SHELL
  NAME = "shop"
  # Numbers are written over each other in place, so they are all of one width.
  WIDTH = 20

  def initialize(folder, limit: nil)
    @tree, @line, @empty = %w[tree line empty].map { |name| File.join(folder, name) }
    FileUtils.mkdir_p([@tree, @empty])
    File.write(@line, "0::/#{NAME}\n")
    make(limit) if limit
  end

  # The command to put in front of a master; nil where nobody may make such a namespace.
  def command
    @command ||= NAMESPACES.map { |words| covered(words) }
                           .find { |words| Open3.capture2e(*words, "true").last.success? }
  rescue Errno::ENOENT
    nil
  end

  # What the group is charged, and how much of that is page cache, in bytes.
  def charge(used:, cache: 0)
    write("memory.stat", "anon #{number(used - cache)}\nfile #{number(cache)}\n")
    write("memory.current", "#{number(used)}\n")
  end

  # So many OOM kills were counted.
  def count_ooms(count)
    write("memory.events", "low 0\nhigh 0\nmax 0\noom #{number(count)}\noom_kill #{number(count)}\n")
  end

  # Does an OOM kill end all of it?
  def die_together
    write("memory.oom.group", "1\n")
  end

  private

  # The rope is tied again behind the namespace: whoever becomes root in one of its own loses it (prctl(2)).
  def covered(words)
    [*words, *Master::ROPE, "sh", "-c", COVER, "sh", @tree, @line, @empty]
  end

  def make(limit)
    FileUtils.mkdir_p(File.join(@tree, NAME))
    write("memory.max", "#{number(limit)}\n")
    write("memory.oom.group", "0\n")
    charge(used: 0)
    count_ooms(0)
  end

  def number(value)
    value.to_s.rjust(WIDTH, "0")
  end

  # One write over what stands there: the master keeps these files open, and must never find one empty.
  def write(file, text)
    File.open(File.join(@tree, NAME, file), File::WRONLY | File::CREAT) { |io| io.pwrite(text, 0) }
  end
end
