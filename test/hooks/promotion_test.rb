# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm"
require "tmpdir"

# What a worker does in Ruby to become a mold, against the real Sidekiq, in a fork each. No Redis is needed: none of
# this connects.
class PromotionTest < Minitest::Test
  # Threads by which Sidekiq's own run would be known.
  Launcher = Struct.new(:thread) do
    def initialize(thread)
      super
      @thread = thread
    end
  end

  def setup
    @folder = Dir.mktmpdir("swarm-hooks")
  end

  def teardown
    FileUtils.rm_rf(@folder)
  end

  def test_the_configuration_is_what_it_was_before_the_workers_hooks
    before, after = in_worker("Sidekiq.configure_server { |config| config.on(:startup) { } }") do
      config = @application.adapter.config
      before = [config[:lifecycle_events][:startup].size, config[:timeout], Sidekiq.instance_variables.sort]
      kept = @application.adapter.keep
      config[:lifecycle_events][:startup].clear
      config.on(:shutdown) { nil }
      config[:timeout] = 3
      config[:identity] = "web-1:4711"
      Sidekiq.freeze! if Sidekiq.respond_to?(:freeze!)
      kept.restore
      config[:identity] = "web-1:4712"
      after = [config[:lifecycle_events][:startup].size, config[:timeout], Sidekiq.instance_variables.sort]
      [before, after + [config[:lifecycle_events][:shutdown].size]]
    end

    assert_equal before + [0], after
  end

  def test_it_ends_the_run_runs_the_hooks_and_prepares_in_this_order
    names, ran = in_worker(<<~RUBY) { promote.then { [steps, RAN] } }
      RAN = []
      Sidekiq::Swarm.before_refork { RAN << :before_refork }
      Sidekiq::Swarm.before_fork { RAN << :before_fork }
    RUBY

    assert_equal %w[sidekiq before_refork before_fork pools prepare], names
    assert_equal %i[before_refork before_fork], ran
  end

  def test_its_facts_are_those_of_a_booted_mold
    facts = in_worker("", "-c", "3", "-q", "a") { promote }

    assert_equal [RUBY_DESCRIPTION, 3, "a", "", ""], facts.values_at(:ruby, :concurrency, :queues, :threads, :sockets)
  end

  def test_a_thread_and_a_socket_refuse_it_by_name
    failure = in_worker(<<~RUBY) { refused }
      require "socket"
      S = TCPServer.new("127.0.0.1", 0)
      Thread.new { sleep }.name = "beat"
    RUBY

    assert_equal %w[promote Sidekiq::Swarm::ReforkRefused], failure.first(2)
    assert_match(/thread beat \(started at .*app.rb:3\); socket fd \d+ tcp 127.0.0.1:\d+/, failure[2])
    assert_match(/before_refork/, failure[2])
  end

  def test_what_before_refork_ends_does_not_refuse_it
    facts = in_worker(<<~RUBY) { promote }
      BEAT = Thread.new { sleep }
      Sidekiq::Swarm.before_refork { BEAT.kill.join }
    RUBY

    assert_equal "", facts[:threads]
  end

  def test_a_hook_that_raises_is_told_with_its_place
    failure = in_worker("Sidekiq::Swarm.before_refork { raise IOError, 'broken' }") { refused(IOError) }

    assert_equal ["promote", "IOError"], failure.first(2)
    assert_match(/broken \(in the hook of .*app.rb:1\)/, failure[2])
  end

  def test_the_heartbeat_ends_and_sidekiqs_traps_are_gone
    alive, former, plain = in_worker("") do
      cli = Sidekiq::CLI.instance
      heartbeat = Thread.new { sleep }
      cli.launcher = Launcher.new(heartbeat)
      Signal.trap("TTIN") { "the application's" }
      trap_as_sidekiq("TTIN")
      trap_as_sidekiq("TERM")
      promote
      [heartbeat.alive?, Signal.trap("TTIN", "DEFAULT").call, Signal.trap("TERM", "DEFAULT")]
    end

    assert_equal [false, "the application's", "DEFAULT"], [alive, former, plain]
  end

  def test_a_worker_that_exits_by_itself_is_not_promoted
    calls = in_worker("") do
      cli = Sidekiq::CLI.instance
      cli.define_singleton_method(:run) { |**| fire_event(:startup, reverse: false) && exit(0) }
      assert_raises(SystemExit) { Sidekiq::Swarm::Runtime.work(0, 0, 1, 2) }
      RecordedNative.names
    end

    refute_includes calls, :leave_work
  end

  def test_a_worker_that_is_told_to_becomes_a_mold
    facts, calls = in_worker("") do
      cli = Sidekiq::CLI.instance
      cli.define_singleton_method(:run) { |**| fire_event(:startup, reverse: false) && exit(0) }
      RecordedNative.define_singleton_method(:promoted?) { true }
      [Sidekiq::Swarm::Runtime.work(0, 0, 1, 2), RecordedNative.names]
    end

    assert_equal RUBY_DESCRIPTION, facts[:ruby]
    assert_includes calls, :leave_work
  end

  private

  # The way of Sidekiq's command line object.
  def trap_as_sidekiq(name)
    old_handler = Signal.trap(name) { old_handler.respond_to?(:call) && old_handler.call }
  end

  def promote
    @kept ||= @application.adapter.keep
    Sidekiq::Swarm::Promotion.new(@application, @kept).run
  end

  # What was told of the failure: stage, class, text.
  def refused(error = Sidekiq::Swarm::ReforkRefused)
    assert_raises(error) { promote }
    RecordedNative.calls.find { |call| call.first == :failure }[1..3]
  end

  def steps
    RecordedNative.calls.select { |call| call.first == :step }.map { |call| call[1] }
  end

  # The block's value in a fork that has booted a mold with this application and lives as its worker.
  def in_worker(application, *arguments, &block)
    path = File.join(@folder, "app.rb")
    File.write(path, application)
    in_fork do
      ENV.delete("REDIS_URL")
      RecordedNative.options = { role: :mold, preload: :app, fork_hooks: true, prepare: :none, generation: 1, slot: 0,
                                 index: 0, arguments: ["-r", path, *arguments] }
      load File.expand_path("../../hooks/lib/sidekiq/swarm/boot.rb", __dir__)
      boot
      instance_exec(&block)
    end
  end

  def boot
    @application = Sidekiq::Swarm::Application.new(RecordedNative.options)
    @application.boot
    Sidekiq::Swarm::Runtime.instance_variable_set(:@application, @application)
    RecordedNative.calls.clear
  end
end
