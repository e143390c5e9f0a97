# frozen_string_literal: true

require "minitest/autorun"
require_relative "mold_master"

Processes.be_subreaper

# What each test of the mold begins and ends with. A test that fails shows the mold's log.
class MoldTest < Minitest::Test
  def setup
    @stage = TrapsStage.new
    @master = MoldMaster.new(@stage)
  end

  def teardown
    @master.stop
    warn "--- log of #{name}\n#{@stage.log}---" unless passed?
  ensure
    @stage.remove
  end

  private

  # A mold that has booted this application.
  def boot(code = "", **options)
    @stage.app(code)
    @master.start(**options)
    @facts = @master.ready
    @master
  end

  # What the application said under this key; waits for so many.
  def said(key, count: 1)
    Processes.wait_until("#{count} × #{key}") do
      found = @stage.said.filter_map { |facts| facts[key] }
      found if found.length >= count
    end
  end

  def touch(name)
    File.write(@stage.path("work/#{name}"), "")
  end

  # A library to preload, built from C. Skips where there is no compiler.
  def build_library(code)
    skip "no C compiler (cc) to build a library to preload" unless system("cc", "--version", %i[out err] => File::NULL)
    source = @stage.path("preload.c")
    File.write(source, code)
    assert(system("cc", "-shared", "-fPIC", "-o", @stage.path("preload.so"), source, "-ldl"))
    @stage.path("preload.so")
  end
end
