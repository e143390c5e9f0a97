# frozen_string_literal: true

require_relative "support/integration_test"

# What an application leaves alive in the mold is named in the log (FS-36); the workers run all the same.
class HygieneReportTest < IntegrationTest
  THREAD_LINE = 4
  APPLICATION = <<~RUBY
    require "#{IntegrationTest::PLAIN}"
    require "socket"

    COLLECTOR = Thread.new { Plain.hang }
    COLLECTOR.name = "metrics collector"
    LISTENER = TCPServer.new("127.0.0.1", 0)
    File.write("%<port>s", LISTENER.addr[1].to_s)
  RUBY

  def test_fs_36_a_thread_is_named_with_where_it_was_started
    service, application = start
    line = report(service, "thread")

    assert_includes line[:what], "metrics collector (started at #{application}:#{THREAD_LINE})"
    assert_works service
  end

  def test_fs_36_a_socket_is_named_with_its_address
    service, = start
    line = report(service, "socket")

    assert_match(/\Afd \d+ tcp 127\.0\.0\.1:#{File.read(port_file)} \(not connected\)\z/, line[:what])
    assert_works service
  end

  def test_fs_36_what_before_fork_ends_is_not_reported
    service, = start(<<~RUBY)
      Sidekiq::Swarm.before_fork do
        COLLECTOR.kill.join
        LISTENER.close
      end
    RUBY

    assert_empty service.events("fork_hygiene").map(&:line)
    assert_works service
  end

  # The workers have neither the thread nor a report of their own.
  def test_fs_36_each_generation_is_reported_once
    service, = start
    mold = service.events("mold_ready").last.number(:pid)
    service.signal_process(mold, :KILL)
    service.wait_for_event("mold_ready", count: 2)
    service.wait("a second report") { service.events("fork_hygiene").size == 4 }

    assert_equal(%w[1 1 2 2], service.events("fork_hygiene").map { |event| event[:gen] })
    assert_works service
  end

  private

  # Starts two workers of that application; returns the service and the application's path.
  def start(more = "")
    application = write_application(format(APPLICATION, port: port_file) + more)
    service = swarm("--processes", 2, "-r", application)
    service.wait_until_ready(2)
    [service, application]
  end

  def port_file
    File.join(folder, "port")
  end

  def report(service, kind)
    lines = service.events("fork_hygiene", kind: kind)
    assert_equal 1, lines.size, lines.map(&:line).inspect
    lines.first
  end

  def assert_works(service)
    redis.enqueue("CountJob")
    wait_for_count(service, "count", 1)
    assert_stops service
  end
end
