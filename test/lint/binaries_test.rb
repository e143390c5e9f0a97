# frozen_string_literal: true

require "minitest/autorun"
require "open3"
require_relative "source_tree"

# What the design promises of the executables, read from their ELF files.
class BinariesTest < Minitest::Test
  include SourceTree

  def test_swarm_links_no_libruby
    refute_match(/libruby/, needed("swarm").join("\n"))
  end

  # It is opened when a person looks, so that an idle master stays small.
  def test_swarm_does_not_link_libproc2
    refute_match(/libproc2|libsystemd/, needed("swarm").join("\n"))
  end

  def test_swarm_mold_links_libruby_and_not_libev
    libraries = needed("swarm-mold").join("\n")
    assert_match(/libruby/, libraries)
    refute_match(/libev|hiredis/, libraries)
  end

  # libruby must find the mold's fork before libc's.
  def test_swarm_mold_exports_fork
    assert_match(/ T fork$/, run_tool("nm", "-D", "--defined-only", binary("swarm-mold")))
  end

  private

  def needed(name)
    run_tool("readelf", "-d", "-W", binary(name)).scan(/\(NEEDED\).*\[(.+)\]/).flatten
  end

  def binary(name)
    file = path("build/bin/#{name}")
    assert_path_exists file, "run script/setup first"
    file
  end

  def run_tool(*words)
    output, status = Open3.capture2e({ "LC_ALL" => "C" }, *words)
    assert_predicate status, :success?, output
    output
  end
end
