# frozen_string_literal: true

require "socket"
require_relative "support/fake_case"
require_relative "support/terminal"

# top_test.rb: `swarm top` in a terminal of its own: what it shows, what its keys do, and that it leaves the terminal as
# it was, whatever ends it.
class TopTest < FakeCase
  TERM = { "TERM" => "xterm-256color", "LANG" => "C.UTF-8" }.freeze
  ENTER = "\e[?1049h"
  LEAVE = "\e[?1049l"

  def setup
    super
    @terminals = []
  end

  def teardown
    @terminals.each(&:close)
    super
  end

  def test_it_shows_the_service_and_its_keys_work
    start_running(processes: 3)
    terminal = watch
    terminal.wait_for("3 of 3 ready")
    assert_includes terminal.text, ENTER
    assert_match(/SLOT\s+STATE\s+PID/, terminal.text)
    { "c" => "Classes of jobs", "r" => "The last workers that left", "?" => "paint anew" }.each do |key, words|
      terminal.press(key, words)
      terminal.press("\e", "SLOT")
    end
    terminal.press("j\r", "generation 1")
    terminal.press("\e[D\e", "SLOT")
    terminal.press("M", "by rss")
    terminal.press("p", "PAUSED")
    assert_left_alone(terminal) { terminal.type("q") }
    assert_predicate terminal.status, :success?
  end

  def test_it_follows_the_size_of_the_terminal
    start_running
    terminal = watch
    terminal.wait_for("BUSY")
    refute_includes terminal.text, "RESTARTS"
    terminal.forget
    terminal.resize(50, 200)
    terminal.wait_for("RESTARTS")
    terminal.wait_for("\e[50;1H")
    assert_left_alone(terminal) { terminal.type("q") }
  end

  %w[TERM HUP QUIT].each do |signal|
    define_method("test_it_restores_the_terminal_after_#{signal}") do
      start_running
      terminal = watch
      terminal.wait_for("2 of 2 ready")
      assert_left_alone(terminal) { terminal.signal(signal) }
      assert_equal Signal.list[signal], terminal.status.termsig
    end
  end

  def test_it_restores_the_terminal_after_ctrl_c
    start_running
    terminal = watch
    terminal.wait_for("2 of 2 ready")
    assert_left_alone(terminal) { terminal.type("\x03") }
    assert_predicate terminal.status, :success?
  end

  def test_it_restores_the_terminal_when_it_crashes_itself
    start_running
    terminal = watch
    terminal.wait_for("2 of 2 ready")
    assert_left_alone(terminal) { terminal.signal("SEGV") }
    # A sanitizer of the build may have its own word about that signal.
    refute_predicate terminal.status, :success?
  end

  # A shell with jobs, which gives us back the terminal at a line's end.
  SHELL = ["sh", "-mc", '"$@"; while [ $? -eq 148 ]; do read -r line; fg; done', "sh"].freeze

  def test_it_gives_the_terminal_back_while_it_is_stopped
    start_running
    terminal = watch(before: SHELL)
    terminal.wait_for("2 of 2 ready")
    refute_equal terminal.modes_before, terminal.modes
    terminal.type("\x1a")
    terminal.wait_for(LEAVE)
    terminal.wait_restored
    terminal.press("\n", ENTER)
    terminal.wait_for("2 of 2 ready")
    refute_equal terminal.modes_before, terminal.modes
    assert_left_alone(terminal) { terminal.type("q") }
  end

  def test_it_waits_for_a_service_that_went_away
    master, = start_running
    terminal = watch
    terminal.wait_for("2 of 2 ready")
    master.signal(:KILL)
    master.wait_exit
    terminal.wait_for("the service is gone, trying again")
    terminal.forget
    start_running(processes: 3)
    terminal.wait_for("3 of 3 ready")
    assert_left_alone(terminal) { terminal.type("q") }
  end

  def test_it_leaves_when_the_terminal_is_gone
    start_running
    terminal = watch
    terminal.wait_for("2 of 2 ready")
    terminal.hang_up
    terminal.wait_end
  end

  def test_colours_are_left_out_on_demand
    start_running
    coloured = watch
    coloured.wait_for("q quit")
    assert_match(/\e\[3\dm/, coloured.text)
    plain = watch({ "NO_COLOR" => "1" })
    plain.wait_for("q quit")
    refute_match(/\e\[(1;)?3\dm/, plain.text)
    [coloured, plain].each { |terminal| assert_left_alone(terminal) { terminal.type("q") } }
  end

  def test_only_ascii_without_a_locale_that_has_more
    start_running
    terminal = watch({ "LANG" => "C", "LC_ALL" => "C" })
    terminal.wait_for("q quit")
    assert_predicate terminal.bytes, :ascii_only?
    assert_left_alone(terminal) { terminal.type("q") }
  end

  def test_without_a_terminal_it_says_so_and_once_prints
    master, = start_running
    output, code = master.verb("top")
    assert_equal 64, code
    assert_includes output, "top needs a terminal"
    output, code = master.verb("top", "--once")
    assert_equal 0, code, output
    assert_includes output, "2 of 2 ready"
    refute_includes output, "\e"
  end

  def test_a_dumb_terminal_is_refused
    start_running
    terminal = watch({ "TERM" => "dumb" })
    terminal.wait_end
    assert_equal 64, terminal.status.exitstatus
    assert_includes terminal.text, "cannot place a cursor"
  end

  def test_without_a_service_it_says_so_and_leaves_the_terminal_alone
    terminal = watch
    terminal.wait_end
    assert_equal 69, terminal.status.exitstatus
    refute_includes terminal.text, ENTER
  end

  def test_an_older_service_does_not_break_it
    path = File.join(folder, "c.sock")
    with_old_service(path) do
      terminal = watch
      terminal.wait_for("swarm 0.0.9")
      terminal.press("\r", "pid 7")
      terminal.press("\e", "SLOT")
      terminal.press("c", "older and does not know")
      assert_left_alone(terminal) { terminal.type("q") }
    end
  end

  private

  def watch(environment = {}, before: [])
    name, value = @mark.split("=")
    words = [*before, Master::BINARY, "top", "--control", File.join(folder, "c.sock")]
    variables = ENV.slice(*Master::KEPT).merge(TERM, name => value, "HOME" => folder, **environment)
    Terminal.new(words, variables, folder).tap { |terminal| @terminals << terminal }
  end

  # Runs the block, which ends top, and asserts that the terminal is as it was before.
  def assert_left_alone(terminal)
    yield
    terminal.wait_end
    assert_equal terminal.modes_before, terminal.modes, "the terminal's modes"
    assert_operator terminal.text.rindex(LEAVE), :>, terminal.text.rindex(ENTER) || -1
    assert_includes terminal.text[(terminal.text.rindex(ENTER) || 0)..], "\e[?25h"
  end

  # Answers a status that has only what the first version had, and knows no other verb.
  def with_old_service(path)
    server = UNIXServer.new(path)
    thread = Thread.new { serve_old(server) }
    yield
  ensure
    thread&.kill
    thread&.join
    server&.close
  end

  def serve_old(server)
    loop do
      client = server.accept
      status = client.gets.to_s.include?('"status"')
      client.puts(JSON.generate(status ? old_status : { "ok" => false, "error" => "unknown", "code" => 64 }))
      client.close
    rescue SystemCallError
      nil
    end
  end

  def old_status
    worker = { "role" => "current", "pid" => 7, "state" => "ready", "rss_bytes" => 1 << 28, "busy" => 0, "done" => 5 }
    { "ok" => true, "version" => "0.0.9", "uptime_s" => 1.5, "state" => "running",
      "slots" => [{ "slot" => 0, "restarts" => 0, "workers" => [worker] }] }
  end
end
