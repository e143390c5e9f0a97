# frozen_string_literal: true

require_relative "test_helper"
require_relative "support/in_application"
require "sidekiq/swarm"

# Warming, against the real Sidekiq. There is no Redis: whatever would ask it raises.
class WarmTest < Minitest::Test
  include InApplication

  NO_REDIS = "unix:///nowhere/redis.sock"

  APPLICATION = <<~RUBY
    Sidekiq.configure_server { |config| config.redis = { url: "#{NO_REDIS}" } }
    SEEN = []

    class Middleware
      def call(_job, payload, queue)
        SEEN << [payload["class"], queue]
        yield
      end
    end

    class WarmJob
      include Sidekiq::Job
      sidekiq_options queue: "low", retry: 5

      def perform(number, more = nil)
        raise KeyError, "no \#{number}" if number == 3

        SEEN << [number, more, jid.size]
      end
    end

    Sidekiq.configure_server do |config|
      config.server_middleware { |chain| chain.add Middleware }
      config.death_handlers << proc { SEEN << :death }
      config.error_handlers << proc { SEEN << :error }
    end
  RUBY

  def test_hooks_run_once_and_in_order
    order = in_mold(<<~RUBY, warm: true) { [ORDER, steps] }
      ORDER = []
      Sidekiq::Swarm.before_fork { ORDER << :before_fork }
      Sidekiq::Swarm.warmup { ORDER << :warmup }
      Sidekiq::Swarm.before_warmup { ORDER << :before_warmup }
      Sidekiq::Swarm.after_fork { ORDER << :after_fork }
    RUBY

    assert_equal %i[before_warmup warmup before_fork], order.first
    assert_equal %w[before_warmup warm_libraries warm_jobs warm_processor warmup before_fork rehearse pools hygiene
                    prepare],
                 order.last.grep_v(/\A(sidekiq|arguments|application)\z/) - optional_steps
  end

  def test_without_warming_none_of_it_runs
    order = in_mold(<<~RUBY, warm: false) { [ORDER, steps.grep(/warm/)] }
      ORDER = []
      Sidekiq::Swarm.before_warmup { ORDER << :before_warmup }
      Sidekiq::Swarm.warmup { ORDER << :warmup }
    RUBY

    assert_equal [[], []], order
  end

  def test_a_job_goes_through_the_applications_middleware_as_the_processor_would_send_it
    seen = in_warm("run.job(WarmJob, 1, { key: [2] }).then { |done| SEEN << done }") { SEEN }

    assert_equal [%w[WarmJob low], [1, { "key" => [2] }, 24], true], seen
  end

  def test_a_job_that_fails_is_told_once_and_the_boot_goes_on
    seen, told = in_warm("3.times { SEEN << run.job(WarmJob, 3) }; SEEN << run.done << run.failed") do
      [SEEN, told_failures]
    end

    assert_equal [false, false, false, 0, 3], seen - [%w[WarmJob low]]
    assert_equal [["warmup_job", "KeyError", "no 3"]], told
  end

  def test_jobs_are_counted_nowhere
    counts = in_warm("2.times { |number| run.job(WarmJob, number) }; run.job(WarmJob, 3)") do
      trackers = ObjectSpace.each_object(Sidekiq::Metrics::ExecutionTracker).to_a if defined?(Sidekiq::Metrics)
      tracked = trackers.to_a.product(%i[@jobs @totals @grams]).sum { |one, name| one.instance_variable_get(name).size }
      [Sidekiq::Processor::PROCESSED.reset, Sidekiq::Processor::FAILURE.reset, Sidekiq::Processor::WORK_STATE.size,
       tracked]
    end

    assert_equal [0, 0, 0, 0], counts
  end

  # Chains and pools of the application's own capsules are made later, by what is configured then.
  def test_nothing_of_the_configuration_is_made_early
    left = in_warm("run.job(WarmJob, 1)") do
      capsule = Sidekiq.default_configuration.default_capsule if Sidekiq.respond_to?(:default_configuration)
      %i[@server_chain @redis].map { |name| capsule&.instance_variable_get(name) }
    end

    assert_equal [nil, nil], left
  end

  def test_what_is_no_job_is_refused
    ["run.job('WarmJob', 1)", "run.job(String)", "run.job(nil)"].each do |block|
      told, = in_options(warm(block), warm: true) { [boot_failing(ArgumentError), told_failures].last }

      assert_equal %w[warmup ArgumentError], told.first(2)
      assert_match(/\Arun\.job needs a class of .* jobs, not (String|NilClass)/, told[2])
      assert_match(/in the hook of .*app\.rb:\d+/, told[2])
    end
  end

  def test_a_block_that_raises_fails_the_boot
    %w[before_warmup warmup].each do |hook|
      told = in_options("Sidekiq::Swarm.#{hook} { raise IOError, 'broken' }", warm: true) do
        boot_failing(IOError)
        told_failures
      end

      assert_equal [[hook, "IOError"]], (told.map { |call| call.first(2) })
      assert_match(/\Abroken \(in the hook of .*app\.rb:1\)\z/, told.first.last)
    end
  end

  def test_a_kind_of_warmth_that_fails_is_a_step_and_no_failure
    steps, told = in_mold(<<~RUBY, warm: true) { [steps(), told_failures] }
      def (Sidekiq::Swarm::Warm::JobClasses).run(_) = raise(NotImplementedError)
    RUBY

    assert_includes steps, "warm_jobs left out: NotImplementedError"
    assert_includes steps, "warm_processor"
    assert_empty told
  end

  def test_a_registration_without_a_block_is_refused
    %i[before_warmup warmup].each do |hook|
      error = assert_raises(ArgumentError) { Sidekiq::Swarm.public_send(hook) }
      assert_equal "Sidekiq::Swarm.#{hook} needs a block", error.message
    end
  end

  def test_eager_loading_says_where_there_is_nothing_to_load
    steps = in_mold("", eager_load: true) { steps() }

    assert_includes steps, "eager_load: neither Rails nor Zeitwerk is there"
  end

  def test_eager_loading_loads_what_zeitwerk_knows
    skip "zeitwerk is not in this bundle" unless Gem.loaded_specs.key?("zeitwerk")
    FileUtils.mkdir_p(File.join(@folder, "lib"))
    File.write(File.join(@folder, "lib/late.rb"), "class Late; LOADED = true; end")
    application = <<~RUBY
      require "zeitwerk"
      loader = Zeitwerk::Loader.new
      loader.push_dir(File.join(__dir__, "lib"))
      loader.setup
    RUBY

    assert_equal([false, false], in_mold(application) { late })
    assert_equal([true, true], in_mold(application, eager_load: true) { late })
  end

  private

  # Which of them there are depends on the gems that are loaded.
  def optional_steps
    %w[warm_translations warm_records warm_views warm_callbacks]
  end

  def warm(block)
    "#{APPLICATION}\nSidekiq::Swarm.warmup { |run| #{block} }"
  end

  # Whether the class is loaded, and whether that was a step.
  def late
    [Object.autoload?(:Late).nil?, steps.include?("eager_load")]
  end

  # Boots with an application whose warm-up hook is this block.
  def in_warm(block, &look)
    in_mold(warm(block), warm: true, &look)
  end

  def boot_failing(kind)
    assert_raises(kind) { Sidekiq::Swarm::Runtime.boot }
  end
end
