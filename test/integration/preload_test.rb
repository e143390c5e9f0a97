# frozen_string_literal: true

require_relative "support/integration_test"

# What is loaded where: --prefork, --no-prefork, --preload, --preboot.
class PreloadTest < IntegrationTest
  # Notes where it is loaded, and whether Bundler's groups were there already.
  APPLICATION = <<~RUBY
    require "#{File.join(IntegrationTest::FIXTURES, "plain/plain")}"
    Plain.note("load", "gems=\#{!defined?(::Rails::VERSION).nil?}")
    require "#{IntegrationTest::PLAIN}"
  RUBY

  def test_prefork_loads_the_application_once_in_the_mold
    workers = start(2)

    assert_equal 1, journal("load").size
    refute_includes workers, journal_pids("load").first
    assert_hooks_ran workers
  end

  def test_prefork_with_one_worker
    workers = start(1, "--prefork")

    refute_includes workers, journal_pids("load").first
    assert_hooks_ran workers
  end

  def test_no_prefork_loads_it_in_each_worker
    workers = start(2, "--no-prefork")

    assert_equal workers.sort, journal_pids("load").sort
    assert_no_hook_ran
  end

  def test_preload_gems_loads_bundlers_groups_in_the_mold
    workers = start(2, "--preload", "gems")

    assert_equal workers.sort, journal_pids("load").sort
    assert_equal ["true"], gems_seen
    assert_equal workers.sort, journal_pids("after_fork").sort
  end

  def test_preload_gems_with_named_groups
    start(1, env: { "SIDEKIQ_PRELOAD" => "no_such_group" })

    assert_equal ["false"], gems_seen
  end

  def test_preload_none_loads_nothing_in_the_mold
    workers = start(2, "--preload", "none")

    assert_equal workers.sort, journal_pids("load").sort
    assert_equal ["false"], gems_seen
    assert_equal workers.sort, journal_pids("after_fork").sort
  end

  def test_preboot_alone_loads_the_file_in_the_mold_and_the_application_in_the_workers
    workers = start(2, "--preboot", preboot_file)

    assert_equal 1, journal("preboot").size
    refute_includes workers, journal_pids("preboot").first
    assert_equal workers.sort, journal_pids("load").sort
    assert_no_hook_ran
  end

  def test_preboot_with_prefork_does_both
    workers = start(1, "--prefork", "--preboot", preboot_file)

    assert_equal journal_pids("preboot"), journal_pids("load")
    assert_hooks_ran workers
  end

  def test_no_prefork_with_preload_is_a_usage_error
    assert_leaves plain(1, "--no-prefork", "--preload", "gems"), 64
  end

  private

  # Starts, works one job, stops. Returns the pids of the workers.
  def start(processes, *more, env: {})
    service = swarm("--processes", processes, *more, "-r", write_application(APPLICATION), env: journal_env.merge(env))
    workers = service.wait_until_ready(processes).values
    redis.enqueue("CountJob")
    wait_for_count(service, "count", 1)
    assert_stops service
    workers
  end

  def preboot_file
    write_application("require \"#{FIXTURES}/plain/plain\"\nPlain.note(\"preboot\")\n", name: "preboot.rb")
  end

  def gems_seen
    journal("load").map { |line| line[/gems=(\w+)/, 1] }.uniq
  end

  def assert_hooks_ran(workers)
    assert_equal journal_pids("load"), journal_pids("before_fork")
    assert_equal workers.sort, journal_pids("after_fork").sort
  end

  def assert_no_hook_ran
    assert_empty journal("before_fork") + journal("after_fork")
  end
end
