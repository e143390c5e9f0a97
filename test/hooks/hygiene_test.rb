# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm/hygiene"
require "socket"
require "tmpdir"

class HygieneTest < Minitest::Test
  Hygiene = Sidekiq::Swarm::Hygiene

  def test_a_thread_is_named_with_where_it_was_started
    with_thread("collector") do |line|
      assert_includes Hygiene.threads, "collector (started at #{__FILE__}:#{line})"
    end
  end

  def test_threads_that_heal_themselves_are_allowed
    with_thread("AR Pool Reaper") { refute(Hygiene.threads.any? { |text| text.include?("Reaper") }) }
  end

  def test_tcp_udp_and_unix_sockets_are_named_and_stay_open
    in_folder do |folder|
      server = TCPServer.new("127.0.0.1", 0)
      client = TCPSocket.new("127.0.0.1", server.addr[1])
      path = File.join(folder, "s")
      listener = UNIXServer.new(path)
      texts = Hygiene.sockets

      assert_includes texts, "fd #{client.fileno} tcp 127.0.0.1:#{server.addr[1]}"
      assert_includes texts, "fd #{server.fileno} tcp 127.0.0.1:#{server.addr[1]} (not connected)"
      assert_includes texts, "fd #{listener.fileno} unix #{path} (not connected)"
      GC.start
      assert_equal 1, client.write("x")
      [server, client, listener].each(&:close)
    end
  end

  def test_the_link_of_the_mold_is_not_reported
    ours, theirs = UNIXSocket.pair(:SEQPACKET)
    fds = Hygiene.sockets.map { |text| text[/\d+/].to_i }

    assert_empty fds & [ours.fileno, theirs.fileno]
  ensure
    [ours, theirs].each(&:close)
  end

  def test_backtraces_name_each_thread
    with_thread("worker bee") do
      text = Hygiene.backtraces

      assert_match(/^thread main run\n  .*:\d+:in/, text)
      assert_match(/^thread worker bee sleep/, text)
    end
  end

  private

  def with_thread(name)
    queue = Queue.new
    line = __LINE__ + 1
    thread = Thread.new { queue.pop }
    thread.name = name
    Thread.pass until thread.stop?
    yield line
  ensure
    queue.close
    thread.join
  end

  def in_folder(&block)
    Dir.mktmpdir("swarm-hygiene", &block)
  end
end
