# frozen_string_literal: true

require_relative "support/integration_test"
require "sqlite3"

# What warming brings to an ordinary Rails application, seen in its workers; and the real program's words where
# it refuses.
class WarmTest < IntegrationTest
  # Tells at the start of Sidekiq what is loaded and made, and after a job, what that has added.
  WATCH = <<~RUBY
    require "rails"
    require "sidekiq/rails"
    require "#{IntegrationTest::RAILS}/config/environment"
    require "sidekiq/swarm"
    require "json"

    module Watch
      class << self
        def note(kind, **facts)
          File.open("%<journal>s", "a") { |file| file.syswrite("\#{kind} pid=\#{Process.pid} \#{JSON.generate(facts)}\\n") }
        end

        def state
          models = [Author, Book, Order]
          { features: $LOADED_FEATURES.size, locales: I18n.available_locales.size,
            methods: models.map { |model| model.send(:generated_attribute_methods).instance_methods.size },
            columns: models.count { |model| model.instance_variable_get(:@columns_hash) },
            views: ActionView::LookupContext::DetailsKey.view_context_class.instance_methods(false).size }
        end
      end
    end

    class WatchedJob
      include Sidekiq::Job

      def perform(id)
        order = Order.includes(:book).find(id)
        order.update!(copies: order.copies + 1)
        Watch.note("job", **Watch.state)
      end
    end

    Sidekiq.configure_server { |config| config.on(:startup) { Watch.note("start", **Watch.state) } }
  RUBY

  WARMUP = <<~RUBY
    Sidekiq::Swarm.before_warmup { Watch.note("before_warmup") }
    Sidekiq::Swarm.warmup { |run| Watch.note("warmup", done: run.job(WatchedJob, Order.first.id)) }
    Sidekiq::Swarm.before_fork { Watch.note("before_fork") }
  RUBY

  def test_a_warm_worker_finds_its_models_made
    service = start
    started = facts("start").first

    assert_operator started["methods"].min, :>, 0
    assert_equal 3, started["columns"]
    assert_empty %w[warm_records warm_views warm_callbacks] - steps(service)
    # That of the view itself, and Rails' own layouts.
    assert_operator started["views"], :>, 1
    work(service)

    assert_equal started["methods"], facts("job").first["methods"]
    assert_stops service
  end

  def test_after_a_warm_up_a_workers_first_job_loads_no_file
    service = start(WARMUP)
    work(service)

    assert_equal facts("start").first, facts("job").last
    assert_stops service
  end

  def test_warm_ups_run_once_in_the_mold_in_order_and_are_no_work_done
    service = start(WARMUP)
    mold = service.events("mold_ready").last.number(:pid)

    assert_equal(%w[before_warmup job warmup before_fork], journal.map { |line| line[/\A\S+/] }.first(4))
    assert_equal [mold], journal.first(4).map { |line| line[/pid=(\d+)/, 1].to_i }.uniq
    assert_equal [{ "done" => true }], facts("warmup")
    work(service)
    assert_stops service
    # Sidekiq tells its counts when it leaves: of all that was worked, the one job that was sent.
    assert_equal 1, redis.count("stat:processed")
    assert_equal 0, redis.count("stat:failed")
  end

  def test_without_warming_workers_do_it_themselves
    service = start(WARMUP, "--no-warm")

    assert_empty facts("warmup")
    assert_empty steps(service).grep(/warm/)
    assert_equal 0, facts("start").first["methods"].min
    assert_stops service
  end

  # In development Rails leaves classes to their first use.
  def test_eager_loading_by_order
    late = format(WATCH, journal: journal_path).sub(/^class WatchedJob.*?^end$/m, "") + <<~RUBY
      Watch.note("boot", loaded: !Object.autoload?(:CountJob))
      Sidekiq::Swarm.before_fork { Watch.note("fork", loaded: !Object.autoload?(:CountJob)) }
    RUBY
    service = run_application(late.sub("Sidekiq.configure_server", "0 and Sidekiq.configure_server"), "--eager-load",
                              rails: "development")

    assert_equal [{ "loaded" => false }, { "loaded" => true }], facts("boot") + facts("fork")
    assert_includes steps(service), "eager_load"
    assert_stops service
  end

  def test_a_database_that_is_not_there_costs_its_warmth_alone
    service = start("", database: "/dev/null/bookshop.sqlite3")

    assert_includes steps(service).grep(/warm_records/).join, "left out"
    assert_includes steps(service), "warm_processor"
    assert_stops service
  end

  def test_strictness_refuses_the_boot_and_names_the_thread
    application = write_application(<<~RUBY)
      require "#{PLAIN}"
      Thread.new { Plain.hang }.name = "metrics collector"
    RUBY
    service = swarm("--processes", 1, "--strict-fork", "-r", application)

    assert_leaves service, 75
    failure = service.events("failure", stage: "strict_fork").first
    assert_equal "Sidekiq::Swarm::StrictForkError", failure[:class]
    assert_includes failure[:text], "metrics collector (started at #{application}:2)"
    assert_includes failure[:text], "end them in before_fork"
    assert_empty service.events("worker_ready")
  end

  def test_an_identity_is_named_in_the_log
    service = swarm("--processes", 1, "-r", write_application(<<~RUBY))
      require "#{PLAIN}"
      require "socket"
      module Node
        @id = "node@\#{Socket.gethostname}-\#{Process.pid}"
      end
    RUBY
    service.wait_until_ready(1)
    event = service.events("fork_hygiene", kind: "identity").first

    assert_match(/\ANode @id = "node@.+-\d+"\z/, event[:what])
    assert_stops service
  end

  private

  # A service of one worker that watches itself.
  def start(more = "", *arguments, database: nil)
    run_application(format(WATCH, journal: journal_path) + more, *arguments, database: database)
  end

  def run_application(text, *arguments, rails: "production", database: nil)
    prepare
    env = { "BOOKSHOP_DATABASE" => database || default_database, "REDIS_URL" => redis.url }
    service = swarm("--processes", 1, "--log-level", "debug", *arguments, "-r", write_application(text), "-e", rails,
                    env: env)
    service.wait_until_ready(1)
    service
  end

  def prepare
    env = { "BOOKSHOP_DATABASE" => default_database, "REDIS_URL" => redis.url, "RAILS_ENV" => "production" }
    output, status = Open3.capture2e(env, "ruby", File.join(RAILS, "bin/prepare"), stdin_data: "", chdir: folder)
    assert status.success?, output
  end

  def default_database
    File.join(folder, "bookshop.sqlite3")
  end

  def journal_path
    journal_env.fetch("PLAIN_JOURNAL")
  end

  # Sends a job and waits for its end.
  def work(service)
    before = facts("job").size
    redis.enqueue("WatchedJob", 1)
    service.wait("the job") { facts("job").size > before }
  end

  # What stands behind such lines of the journal.
  def facts(kind)
    journal("#{kind} ").map { |line| JSON.parse(line[/\{.*/]) }
  end

  def steps(service)
    service.events("boot_step").map { |event| event[:step] }
  end
end
