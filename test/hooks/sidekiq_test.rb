# frozen_string_literal: true

require_relative "test_helper"
require_relative "support/in_application"
require "sidekiq/swarm"

# Mold and worker against the real Sidekiq, in a fork each: nothing that is loaded here is left. No Redis
# is needed: none of this connects.
class SidekiqTest < Minitest::Test
  include InApplication

  # Stands in for a connection.
  Connection = Struct.new(:closed) do
    def close
      self.closed = true
    end
  end

  def test_sidekiq_is_a_server_before_the_application_loads
    assert_equal("constant", in_mold('SERVER = Sidekiq.server? ? "constant" : "no"') { SERVER })
  end

  def test_the_facts_of_a_booted_mold
    facts = in_mold("", "-c", "3", "-t", "7", "-q", "a,2", "-q", "b", "-e", "production") { @facts }

    assert_equal [RUBY_DESCRIPTION, "production", "a, b", 3, 7000],
                 facts.values_at(:ruby, :environment, :queues, :concurrency, :timeout_ms)
    assert_match(/\A\d+\.\d+/, facts[:sidekiq])
    assert_equal ["", "redis://localhost:6379/0"], facts.values_at(:rails, :redis)
    # From 8.1 on Sidekiq names the folder also without Rails.
    assert_includes ["", File.basename(Dir.pwd)], facts[:tag]
  end

  def test_the_event_fork_may_be_used_by_the_application
    facts = in_mold("Sidekiq.configure_server { |config| config.on(:fork) { } }") { @facts }

    assert_match(/^fork .*app.rb:1$/, facts[:hooks])
  end

  def test_before_fork_runs_once_after_the_application_and_only_where_asked
    application = 'RAN = []; Sidekiq::Swarm.before_fork { RAN << 1 }; RAN << 0'

    assert_equal([0, 1], in_mold(application) { RAN })
    assert_equal([0], in_mold(application, fork_hooks: false) { RAN })
  end

  def test_threads_and_sockets_of_the_application_are_told
    facts = in_mold(<<~RUBY) { @facts }
      require "socket"; S = TCPServer.new("127.0.0.1", 0); Thread.new { sleep }.name = "stray"
    RUBY

    assert_match(/^stray \(started at .*app.rb:1\)$/, facts[:threads])
    assert_match(/^fd \d+ tcp 127.0.0.1:\d+ \(not connected\)$/, facts[:sockets])
  end

  def test_steps_are_told_in_order
    names = in_mold("") { RecordedNative.calls.map { |call| call[1] } }

    assert_equal %w[sidekiq arguments application before_fork rehearse pools hygiene prepare], names
  end

  def test_a_failing_application_is_told_and_raises
    failures, error = in_options("raise IOError, 'broken'") do
      error = assert_raises(IOError) { Sidekiq::Swarm::Runtime.boot }
      [RecordedNative.calls.select { |call| call.first == :failure }, error.message]
    end

    assert_equal "broken", error
    assert_equal [["boot", "IOError", "broken"]], (failures.map { |call| call[1..3] })
    assert_match(/app.rb:1\z/, failures.first[4])
  end

  def test_an_option_that_sidekiq_does_not_know_fails_the_boot
    told = in_options("", "--unknown-word") do
      assert_raises(OptionParser::InvalidOption) { Sidekiq::Swarm::Runtime.boot }
      RecordedNative.calls.last
    end

    assert_equal %w[boot OptionParser::InvalidOption], told[1..2]
  end

  def test_memoized_identity_is_forgotten
    ours, theirs, pid = in_mold("") do
      ours = Sidekiq::CLI.instance.identity
      Sidekiq::Swarm::Reset.run
      [ours, Sidekiq::CLI.instance.identity, Process.pid]
    end

    refute_equal ours, theirs
    assert_includes theirs, ":#{pid}:"
  end

  def test_counters_of_jobs_run_in_the_mold_are_forgotten
    left = in_mold("") do
      Sidekiq::Processor::PROCESSED.incr(3)
      Sidekiq::Processor::FAILURE.incr(2)
      Sidekiq::Swarm::Reset.run
      [Sidekiq::Processor::PROCESSED.reset, Sidekiq::Processor::FAILURE.reset]
    end

    assert_equal [0, 0], left
  end

  def test_open_connections_of_sidekiqs_pools_are_closed_before_a_fork_and_the_pool_stays_usable
    closed, again, capsule = in_mold("") do
      config = Sidekiq.default_configuration
      made = []
      pool = ConnectionPool.new(size: 2) { Connection.new(false).tap { |one| made << one } }
      config.instance_variable_set(:@redis, pool)
      config.default_capsule.instance_variable_set(:@redis, pool)
      pool.with { nil }
      Sidekiq::Swarm::Runtime.before_spawn
      [made.map(&:closed), pool.with(&:closed), config.default_capsule.instance_variable_get(:@redis)]
    end

    assert_equal [[true], false, nil], [closed, again, capsule]
  end

  def test_a_worker_without_preload_boots_with_its_index
    facts, index = in_options("INDEX_SEEN = ENV.values_at('SWARM_INDEX', 'INDEX')", role: :worker, index: 5) do
      [Sidekiq::Swarm::Runtime.boot, INDEX_SEEN]
    end

    assert_equal [%w[5 5], 5], [index, facts[:concurrency]]
  end

  def test_preload_none_loads_nothing
    facts, sidekiq = in_options("raise", preload: :none) { [Sidekiq::Swarm::Runtime.boot, defined?(Sidekiq::CLI)] }

    assert_equal [RUBY_DESCRIPTION, nil, nil], [facts[:ruby], facts[:sidekiq], sidekiq]
  end

  def test_preboot_loads_the_file_with_sidekiq_there_and_no_application
    file = File.join(@folder, "preboot.rb")
    File.write(file, "PREBOOT = defined?(Sidekiq::CLI)")
    seen = in_options("raise", preload: :none, preboot: file) do
      Sidekiq::Swarm::Runtime.boot
      PREBOOT
    end

    assert_equal "constant", seen
  end

  def test_the_order_of_a_worker_from_reset_to_the_gate
    order = in_mold(<<~RUBY) { worker_order }
      ORDER = []
      Sidekiq::Swarm.after_fork { |index| ORDER << [:after_fork, index, ENV["SWARM_INDEX"], ENV["INDEX"]] }
      Sidekiq.configure_server do |config|
        config.on(:fork) { ORDER << :fork }
        config.on(:startup) { ORDER << :startup }
      end
    RUBY

    assert_equal [[:after_fork, 3, "3", "3"], :fork, { boot_app: false, warmup: false }, :startup, :unblock_signals,
                  :ready, :wait_run], order
  end

  private

  # Runs the worker with a Sidekiq that does nothing but :startup.
  def worker_order
    cli = Sidekiq::CLI.instance
    cli.define_singleton_method(:run) do |boot_app: true, warmup: true|
      ORDER << { boot_app: boot_app, warmup: warmup }
      fire_event(:startup, reverse: false, reraise: true)
    end
    RecordedNative.calls.clear
    Sidekiq::Swarm::Runtime.work(1, 3, 1, 9)
    ORDER + RecordedNative.names
  end
end
