# frozen_string_literal: true

require_relative "support/mold_test"

# What swarm's middleware writes on the board of a worker that works jobs by the real Sidekiq, of whatever version the
# Gemfile has.
class TallyTest < MoldTest
  REAL = File.expand_path("support/real_sidekiq", __dir__)
  JOBS = <<~RUBY.freeze
    require "#{REAL}"
    class Job
      include Sidekiq::Worker
    end
    class WaitJob < Job
      def perform(*) = (Traps.say(begun: true); Traps.wait_for_file("go"))
    end
    class EmptyJob < Job
      def perform(*) = nil
    end
    class FailJob < Job
      def perform(*) = raise(IOError, "on purpose")
    end
    class SkipJob < Job
      def perform(*) = raise(Sidekiq::JobRetry::Skip)
    end
    class OuterJob < Job
      def perform(_name) = EmptyJob.new.then { |job| INLINE.call(job) }
    end
    # Inline jobs go through the same middleware, in the thread and on the stack of the outer one.
    INLINE = lambda do |job|
      payload = { "class" => "EmptyJob", "args" => ["inner"], "jid" => "inner-1", "queue" => "low" }
      Sidekiq::Swarm::Tally.new.call(job, payload, "low") { Traps.say(nested: true); Traps.wait_for_file("go") }
    end
    Traps.on(:boot) { RealSidekiq.install }
  RUBY

  # Spaces and escapes that no generator of JSON would write the same way again.
  ODD = '{"retry":false, "queue":"default","class":"WaitJob","args":["\u00fc", "ß", 1.0e2],  "jid":"a1b2c3"}'

  def test_a_job_at_work_stands_on_the_board_with_its_text_as_it_is_in_redis
    before_ms = now_ms
    works("RealSidekiq.work(#{ODD.inspect}, 'mail')")
    said(:begun)
    job = @board.jobs.first

    assert_equal %w[WaitJob a1b2c3 mail], job.values_at(:name, :jid, :queue)
    assert_equal [ODD.b, ODD.bytesize, ODD.bytesize], job.values_at(:payload, :payload_size, :payload_kept)
    assert_includes before_ms..now_ms, job[:started_ms]
    assert_equal [{ started: 1, done: 0, failed: 0 }, 1], [counts(:started, :done, :failed), @board[:busy]]
    assert_equal "WaitJob", @board.classes[job[:class_row]][:name]
  end

  def test_a_job_that_has_ended_is_off_the_board_and_in_the_counts
    works("RealSidekiq.work(RealSidekiq.text('WaitJob'))")
    said(:begun)
    touch("go")
    said(:worked)

    assert_empty @board.jobs
    assert_equal({ started: 1, done: 1, failed: 0, busy: 0 }, counts(:started, :done, :failed, :busy))
    assert_equal [["WaitJob", 1, 1, 0]], @board.classes.map { |row| row.values_at(:name, :started, :done, :failed) }
    assert_operator @board.classes.first[:work_us], :>, 0
  end

  def test_jobs_are_counted_done_failed_or_skipped_by_class
    works("%w[EmptyJob FailJob SkipJob EmptyJob].each { |name| RealSidekiq.work(RealSidekiq.text(name)) }")
    said(:worked)

    assert_equal({ started: 4, done: 3, failed: 1, busy: 0 }, counts(:started, :done, :failed, :busy))
    assert_equal [["EmptyJob", 2, 2, 0], ["FailJob", 1, 0, 1], ["SkipJob", 1, 1, 0]],
                 (@board.classes.map { |row| row.values_at(:name, :started, :done, :failed) })
  end

  def test_a_job_of_activejob_is_named_by_its_own_class
    works("RealSidekiq.work(RealSidekiq.text('WaitJob', wrapped: 'Shop::MailJob'))")
    said(:begun)

    assert_equal ["Shop::MailJob"], [*@board.jobs, *@board.classes].map { |entry| entry[:name] }.uniq
  end

  def test_a_job_inline_in_another_has_its_own_record_and_text
    works("RealSidekiq.work(RealSidekiq.text('OuterJob', arguments: ['outer'], jid: 'outer-1'))")
    said(:nested)
    outer, inner = @board.jobs

    assert_equal [%w[OuterJob outer-1 default], %w[EmptyJob inner-1 low]],
                 ([outer, inner].map { |job| job.values_at(:name, :jid, :queue) })
    assert_equal([%w[outer], %w[inner]], [outer, inner].map { |job| JSON.parse(job[:payload])["args"] })
    touch("go")
    said(:worked)
    assert_equal [{ started: 2, done: 2, busy: 0 }, []], [counts(:started, :done, :busy), @board.jobs]
  end

  # As Sidekiq does with what does not finish within its timeout.
  def test_a_job_that_is_shut_down_has_failed
    works(<<~RUBY)
      thread = Thread.new { RealSidekiq.work(RealSidekiq.text("WaitJob")) }
      Traps.wait_for_file("shutdown")
      thread.raise(Sidekiq::Shutdown)
      thread.join
    RUBY
    said(:begun)
    touch("shutdown")
    said(:worked)

    assert_equal({ started: 1, done: 0, failed: 1, busy: 0 }, counts(:started, :done, :failed, :busy))
    assert_empty @board.jobs
  end

  def test_a_thread_that_is_killed_leaves_nothing_at_work
    works(<<~RUBY)
      thread = Thread.new { RealSidekiq.work(RealSidekiq.text("WaitJob")) }
      Traps.wait_for_file("kill")
      thread.kill.join
    RUBY
    said(:begun)
    touch("kill")
    said(:worked)

    assert_equal [{ started: 1, failed: 1, busy: 0 }, []], [counts(:started, :failed, :busy), @board.jobs]
  end

  def test_a_large_payload_is_cut_and_says_so
    works("RealSidekiq.work(RealSidekiq.text('WaitJob', arguments: ['x' * 50_000]))")
    said(:begun)
    job = @board.jobs.first

    assert_operator job[:payload_size], :>, 50_000
    assert_equal Board::PAYLOAD_SIZE, job[:payload_kept]
    assert_equal "x", job[:payload][-1]
  end

  # A payload without an id, which other writers than Sidekiq's client may push.
  def test_a_job_without_an_id_has_its_text
    text = '{"class":"WaitJob","args":[],"queue":"default","retry":false}'
    works("RealSidekiq.work(#{text.inspect})")
    said(:begun)

    assert_equal ["", text], @board.jobs.first.values_at(:jid, :payload)
  end

  def test_the_tally_is_outside_of_all_middleware_in_each_capsule
    boot(<<~RUBY, more: bundle)
      #{JOBS}
      class Other; def call(*) = yield; end
      Traps.on(:boot) do
        config = Sidekiq::CLI.instance.config
        config.server_middleware { |chain| chain.add Other }
        config.capsule("second") { |capsule| capsule.server_middleware } if config.respond_to?(:capsules)
        RealSidekiq.install
        owners = config.respond_to?(:capsules) ? config.capsules.values : [config]
        Traps.say(first: owners.map { |owner| owner.server_middleware.first.klass.name })
      end
    RUBY

    assert_equal %w[Sidekiq::Swarm::Tally], said(:first).last.uniq
  end

  private

  # A worker that does this; it says `worked` at the end.
  def works(code)
    @board = Board.new
    boot("#{JOBS}\nTraps.on(:run) { #{code}\nTraps.say(worked: true) }", more: bundle)
    @worker = @master.spawn(board: @board).run
  end

  # The Gemfile that this test runs with.
  def bundle
    ENV.to_h.select { |name, _| name.start_with?("BUNDLE", "RUBY", "GEM_") }
  end

  def counts(*names)
    @board.to_h.slice(*names)
  end

  def now_ms
    Process.clock_gettime(Process::CLOCK_MONOTONIC, :millisecond)
  end
end
