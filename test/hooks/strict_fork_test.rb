# frozen_string_literal: true

require_relative "test_helper"
require_relative "support/in_application"
require "sidekiq/swarm"

# --strict-fork on the Ruby side: the boot fails, or a spawn does, and each culprit is named.
class StrictForkTest < Minitest::Test
  include InApplication

  THREAD = 'Thread.new { Queue.new.pop }.name = "stray"'
  SOCKET = 'require "socket"; SERVER = TCPServer.new("127.0.0.1", 0)'
  IDENTITY = 'module Node; @id = [File.read("/proc/sys/kernel/hostname").strip, Process.pid].join(":"); end'

  def test_threads_sockets_and_identities_fail_the_boot
    told = refusal([THREAD, SOCKET, IDENTITY].join("\n"))

    assert_equal %w[strict_fork Sidekiq::Swarm::StrictForkError], told.first(2)
    assert_match(/threads that no worker would have \(end them in before_fork.*\): stray \(started at .*app\.rb:1\);/,
                 told[2])
    assert_match(/sockets that all .* share \(close them in before_fork.*\): fd \d+ tcp 127\.0\.0\.1:\d+/, told[2])
    assert_match(/names of this process .*: Node @id = ".+:\d+"\z/, told[2])
  end

  def test_each_by_itself_is_enough
    { THREAD => /threads/, SOCKET => /sockets/, IDENTITY => /names of this process/ }.each do |application, words|
      assert_match words, refusal(application)[2]
    end
  end

  def test_what_before_fork_ends_is_no_reason
    text = <<~RUBY
      STRAY = #{THREAD.sub(".name = \"stray\"", "")}
      #{SOCKET}
      #{IDENTITY}
      Sidekiq::Swarm.before_fork { STRAY.kill.join; SERVER.close; Node.instance_variable_set(:@id, nil) }
    RUBY

    assert_empty(in_mold(text, strict_fork: true) { told_failures })
  end

  # A library that compares it with Process.pid is right to keep it.
  def test_a_number_alone_is_told_and_no_reason
    identities, told = in_mold("module Node; @pid = Process.pid; end", strict_fork: true) do
      [@facts[:identities], told_failures]
    end

    assert_match(/^Node @pid = \d+$/, identities)
    assert_empty told
  end

  def test_without_it_they_are_facts
    facts, told = in_mold([THREAD, SOCKET, IDENTITY].join("\n")) { [@facts, told_failures] }

    assert_match(/\Astray /, facts[:threads])
    assert_match(/\Afd /, facts[:sockets])
    assert_match(/^Node @id = /, facts[:identities])
    assert_empty told
  end

  def test_a_thread_that_appears_later_refuses_the_spawn_until_it_is_gone
    words = in_mold("QUEUE = Queue.new", strict_fork: true) do
      Sidekiq::Swarm::Runtime.before_spawn
      stray = Thread.new { QUEUE.pop }
      error = assert_raises(Sidekiq::Swarm::StrictForkError) { Sidekiq::Swarm::Runtime.before_spawn }
      QUEUE.close
      stray.join
      Sidekiq::Swarm::Runtime.before_spawn
      error.message
    end

    assert_match(/\A--strict-fork: threads .*: unnamed \(started at .*strict_fork_test\.rb:\d+\)\z/, words)
  end

  private

  # What the failing boot of this application has told.
  def refusal(application)
    in_options(application, strict_fork: true) do
      assert_raises(Sidekiq::Swarm::StrictForkError) { Sidekiq::Swarm::Runtime.boot }
      told_failures.last
    end
  end
end
