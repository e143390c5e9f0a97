# frozen_string_literal: true

require "socket"
require_relative "support/fake_case"

# control_test.rb: bad clients of the control socket (FS-53).
class ControlTest < FakeCase
  def test_fs_53_a_stale_socket_is_replaced
    path = File.join(folder, "c.sock")
    UNIXServer.new(path).close
    assert File.socket?(path)
    master, = start_running
    assert_equal 2, master.status["totals"]["ready"]
    assert_clean_stop(master)
    refute_path_exists path
  end

  def test_fs_53_a_file_that_is_no_socket_is_never_replaced
    path = File.join(folder, "c.sock")
    File.write(path, "precious")
    master = start
    refute_equal 0, master.wait_exit.exitstatus
    assert_equal "precious", File.read(path)
  end

  def test_fs_53_the_socket_is_for_its_user_alone
    master, = start_running
    assert_equal 0o600, File.stat(master.control_path).mode & 0o777
    assert_clean_stop(master)
  end

  def test_fs_53_a_half_written_line_keeps_nobody_waiting
    master, = start_running
    half = connect(master)
    half.write('{"verb":"sta')
    assert_equal 2, master.status["totals"]["ready"]
    half.write("tus\",\"arguments\":[]}\n")
    assert_equal true, JSON.parse(half.gets)["ok"]
    half.close
    assert_clean_stop(master)
  end

  def test_fs_53_two_clients_are_served_at_once
    master, = start_running
    clients = Array.new(2) { connect(master) }
    clients.each { |client| client.write("{\"verb\":\"status\",\"arguments\":[]}\n") }
    clients.reverse_each { |client| assert_equal true, JSON.parse(client.gets)["ok"] }
    clients.each(&:close)
    assert_clean_stop(master)
  end

  def test_fs_53_a_line_of_ten_megabytes_is_turned_away
    master, before = start_running
    client = connect(master)
    assert_raises(Errno::EPIPE, Errno::ECONNRESET, Errno::ENOTCONN) { 10.times { client.write("x" * 1_000_000) } }
    client.close
    assert_equal 2, master.status["totals"]["ready"]
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_53_what_is_no_request_is_answered_with_an_error
    master, before = start_running
    ["nonsense", "[]", "{}", '{"verb":7}', '{"verb":"dance"}', '{"verb":"recycle","arguments":[{}]}',
     "\xFF\xFE"].each do |line|
      client = connect(master)
      client.write("#{line}\n")
      answer = client.gets
      assert_equal false, JSON.parse(answer)["ok"], "#{line}: #{answer}" if answer
      client.close
    end
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_53_a_client_that_does_not_read_blocks_nobody
    master, before = start_running
    lazy = Array.new(5) { connect(master).tap { |client| client.write("{\"verb\":\"status\",\"arguments\":[]}\n") } }
    master.kill_and_wait(before[0])
    assert_equal 2, master.status["totals"]["ready"]
    lazy.each(&:close)
    assert_clean_stop(master)
  end

  def test_fs_53_many_idle_clients_do_not_shut_others_out_for_ever
    master, before = start_running
    idle = Array.new(40) { connect(master) }
    master.kill_and_wait(before[0])
    idle.each(&:close)
    wait_answer(master)
    assert_clean_stop(master)
  end

  def test_fs_53_clients_that_leave_at_once_do_no_harm
    master, before = start_running
    200.times { connect(master).close }
    200.times { ask_and_leave(master) }
    wait_answer(master)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_53_another_user_is_refused
    skip "only root can become another user" unless Process.uid.zero?
    master, before = start_running
    # Permissions alone would do; here they are taken away, so that the master's own look is tested.
    File.chmod(0o755, folder)
    File.chmod(0o666, master.control_path)
    answer = ask_as(65_534, master, "stop")
    refute_match(/"ok": ?true/, answer)
    master.wait_for("client_refused")
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  private

  def connect(master)
    UNIXSocket.new(master.control_path)
  end

  # A client that asks and does not wait; when there are too many, it is turned away.
  def ask_and_leave(master)
    client = connect(master)
    client.write("{\"verb\":\"status\",\"arguments\":[]}\n")
  rescue Errno::EPIPE, Errno::ENOTCONN, Errno::ECONNRESET
    nil
  ensure
    client&.close
  end

  # Waits until the master has room for a client again and answers.
  def wait_answer(master)
    Deadline.wait("an answer") { master.verb("status").last.zero? }
    assert_equal 2, master.status["totals"]["ready"]
  end

  # What a process of that user is answered.
  def ask_as(uid, master, verb)
    IO.popen([{ "RUBYOPT" => nil }, "setpriv", "--reuid=#{uid}", "--regid=#{uid}", "--clear-groups",
              RbConfig.ruby, "--disable-gems", "-rsocket", "-e", <<~RUBY, master.control_path, verb], &:read)
                client = UNIXSocket.new(ARGV[0])
                begin
                  client.write("{\\"verb\\":\\"\#{ARGV[1]}\\",\\"arguments\\":[]}\\n")
                  print client.read
                rescue SystemCallError => error
                  print error.message
                end
              RUBY
  end
end
