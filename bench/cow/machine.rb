# frozen_string_literal: true

require "etc"
require "open3"

module Cow
  # Where the figures were taken. Results of two machines are never mixed.
  module Machine
    module_function

    # Facts that must be the same for all results of a file.
    def facts
      { "system" => File.read("/etc/os-release")[/^PRETTY_NAME="(.+)"/, 1], "cores" => Etc.nprocessors,
        "kernel" => Etc.uname[:release][/\A[\d.]+\d/], "ruby" => RUBY_VERSION,
        "memory_mb" => Integer(File.read("/proc/meminfo")[/^MemTotal:\s+(\d+)/, 1]) / 1024,
        "huge_pages" => choice("/sys/kernel/mm/transparent_hugepage/enabled"),
        "jemalloc" => Dir.glob("/usr/lib{,/*}/libjemalloc.so.*").any? ? "installed" : "not installed",
        "redis" => Open3.capture2("redis-server", "--version").first[/v=(\S+)/, 1] }
    end

    # What may change from run to run.
    def moment(root)
      { "at" => Time.now.utc.strftime("%Y-%m-%dT%H:%M:%SZ"), "commit" => commit(root),
        "load" => Float(File.read("/proc/loadavg").split.first) }
    end

    # nil outside of a checkout, or without git.
    def commit(root)
      Open3.capture2e("git", "-C", root, "rev-parse", "--short=12", "HEAD").first[/\A\h+$/]
    rescue SystemCallError
      nil
    end

    def choice(path)
      File.read(path)[/\[(\w+)\]/, 1]
    rescue SystemCallError
      nil
    end
  end
end
