# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm"
require "tmpdir"

# A worker at its gate, with the real Sidekiq, in a fork each.
class GateTest < Minitest::Test
  def setup
    @folder = Dir.mktmpdir("swarm-hooks")
  end

  def teardown
    FileUtils.rm_rf(@folder)
  end

  def test_who_is_let_through_at_once_does_nothing_else
    calls, jobs = at_gate do |gate|
      RecordedNative.define_singleton_method(:wait_run_for) { |span| RecordedNative.calls << [:wait_run_for, span] }
      counting { gate.pass }
    end
    assert_equal [[[:wait_run_for, 500]], 0], [calls, jobs]
  end

  def test_who_has_to_wait_practises_and_waits_on
    calls, jobs = at_gate { |gate| counting { gate.pass } }
    assert_equal [[[:wait_run_for, 500], [:wait_run]], 20], [calls, jobs]
  end

  def test_practice_leaves_no_trace
    at_gate do |gate|
      gate.pass
      [Sidekiq::Processor::PROCESSED.reset, Sidekiq::Processor::FAILURE.reset, Sidekiq::Processor::WORK_STATE.size,
       RecordedNative.names.grep(/\Ajob_/), Thread.list.size]
    end.then { |traces| assert_equal [0, 0, 0, [], 1], traces }
  end

  def test_the_applications_middleware_sees_no_practice
    seen = at_gate(<<~RUBY) { |gate| gate.pass && SEEN }
      SEEN = []
      Witness = Class.new { define_method(:call) { |*, &job| SEEN << :job && job.call } }
      Sidekiq.configure_server { |config| config.server_middleware { |chain| chain.add(Witness) } }
    RUBY
    assert_empty Array(seen)
  end

  def test_without_warmth_a_worker_only_waits
    calls, jobs = at_gate(warm: false) { |gate| counting { gate.pass } }
    assert_equal [[[:wait_run]], 0], [calls, jobs]
  end

  def test_practice_that_fails_costs_nothing
    calls = at_gate do |gate|
      Sidekiq::Swarm::Practice.define_method(:work) { |_| raise NotImplementedError, "no" }
      gate.pass
      RecordedNative.names
    end
    assert_equal %i[wait_run_for wait_run], calls
  end

  private

  # The block's value in a fork that has booted this application; it is given the gate of a worker.
  def at_gate(application = "", warm: true)
    path = File.join(@folder, "app.rb")
    File.write(path, application)
    in_fork do
      ENV.delete("REDIS_URL")
      RecordedNative.options = { role: :mold, preload: :app, preload_groups: nil, preboot: nil, fork_hooks: true,
                                 prepare: :none, eager_load: false, warm: false, strict_fork: false,
                                 generation: 1, slot: 0, index: 0, arguments: ["-r", path] }
      load File.expand_path("../../hooks/lib/sidekiq/swarm/boot.rb", __dir__)
      Sidekiq::Swarm::Runtime.boot
      RecordedNative.calls.clear
      yield Sidekiq::Swarm::Gate.new(Sidekiq::CLI.instance.config, warm: warm)
    end
  end

  # What Native was asked for while the block ran, and how many jobs were practised.
  def counting
    jobs = 0
    Sidekiq::Swarm::Practice.prepend(Module.new { define_method(:work) { |payload| super(payload).tap { jobs += 1 } } })
    yield
    [RecordedNative.calls, jobs]
  end
end
