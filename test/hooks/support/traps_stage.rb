# frozen_string_literal: true

require "fileutils"
require "json"
require "securerandom"
require "tmpdir"

# Where a mold of the trap tests lives: a folder like an installed one, with the real swarm-mold and, as its Ruby
# files, test/fixtures/traps/hooks, so that neither Sidekiq nor Redis is needed. Owns that folder.
class TrapsStage
  ROOT = File.expand_path("../../..", __dir__)
  HOOKS = File.join(ROOT, "test/fixtures/traps/hooks")
  PASSED_ON = %w[PATH HOME LANG LC_ALL TMPDIR LD_LIBRARY_PATH].freeze

  attr_reader :folder, :mark

  def self.program
    ENV["SWARM_MOLD_BIN"] || File.join(ROOT, "build/bin/swarm-mold")
  end

  def initialize
    @folder = File.realpath(Dir.mktmpdir("swarm-mold-test"))
    @mark = "SWARM_TEST_ID=#{SecureRandom.uuid}"
    FileUtils.mkdir_p([path("lib/sidekiq-swarm"), path("share/sidekiq-swarm"), path("work")])
    FileUtils.cp(self.class.program, mold)
    File.symlink(HOOKS, path("share/sidekiq-swarm/hooks"))
  end

  def path(name)
    File.join(@folder, name)
  end

  def mold
    path("lib/sidekiq-swarm/swarm-mold")
  end

  def log
    File.exist?(path("log")) ? File.read(path("log")) : ""
  end

  # The application's code: Ruby that is loaded at boot (see the fixture's boot.rb).
  def app(code)
    File.write(path("work/app.rb"), code)
  end

  # Everything that the application said (Traps.say), as hashes with symbols.
  def said
    lines = File.exist?(path("said")) ? File.readlines(path("said")) : []
    lines.select { |line| line.end_with?("\n") }.map { |line| JSON.parse(line, symbolize_names: true) }
  end

  # A clean environment with a mark by which leftovers are found.
  def environment(more = {})
    name, value = @mark.split("=")
    ENV.slice(*PASSED_ON).merge("TRAPS_SAID" => path("said"), "TRAPS_FOLDER" => path("work"), name => value).merge(more)
  end

  # Lets another user run the mold and write what its application says.
  def open_to_all
    FileUtils.chmod(0o777, [@folder, path("work")])
  end

  # What of it still runs.
  def leftovers
    Processes.marked(@mark)
  end

  # Each time anew: one that is forked just now was not seen the time before.
  def kill_leftovers
    leftovers.each { |pid| kill(pid) }
  end

  def remove
    Processes.wait_until("the leftovers' end") do
      kill_leftovers
      leftovers.empty?
    end
    FileUtils.rm_rf(@folder)
  end

  private

  def kill(pid)
    Process.kill(:KILL, pid)
  rescue Errno::ESRCH
    nil
  end
end
