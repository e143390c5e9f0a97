# frozen_string_literal: true

require_relative "support/fake_case"

# output_test.rb: standard output that does not take the log never stands in the way.
class OutputTest < FakeCase
  def test_fs_58_with_closed_output_the_service_works
    master = start(output: :close)
    assert_works_blindly(master)
  end

  def test_fs_58_with_a_full_disk_the_service_works
    skip "no /dev/full here" unless File.writable?("/dev/full")
    master = start(output: "/dev/full")
    assert_works_blindly(master)
  end

  def test_fs_58_with_a_reader_that_left_the_service_works
    reader, writer = IO.pipe
    master = start(output: writer)
    writer.close
    reader.close
    assert_works_blindly(master)
  end

  def test_fs_15_a_full_pipe_does_not_block_and_what_was_lost_is_counted
    reader, writer = IO.pipe
    master = start(output: writer)
    writer.close
    wait_ready(master)
    # Each TTIN writes several lines; a pipe holds 64 KiB.
    dropped = Deadline.wait("dropped lines", within: 120) do
      master.signal(:TTIN)
      count = master.status["log_dropped"]
      count if count.positive?
    end
    text = +""
    drain = Thread.new { loop { text << reader.readpartial(65_536) } }
    drain.report_on_exception = false
    told = Deadline.wait("the count in the log") do
      master.signal(:TTIN)
      text[/event=log_dropped .*lines=(\d+)/, 1]
    end
    assert_operator told.to_i, :>=, dropped
    assert_clean_stop(master)
  ensure
    drain&.kill
    reader&.close
  end

  private

  def wait_ready(master)
    Deadline.wait("two ready workers") do
      raise "the master left: #{master.status_of_exit}" if master.exited?

      File.socket?(master.control_path) && master.status["totals"]["ready"] == 2
    end
  end

  def assert_works_blindly(master)
    wait_ready(master)
    pid = current(master.status, 0)["pid"]
    Process.kill(:KILL, pid)
    master.wait_status("another worker") do |status|
      now = current(status, 0)
      now && now["pid"] != pid && now["state"] == "ready"
    end
    assert_clean_stop(master)
    wait_nothing_left
  end
end
