# frozen_string_literal: true

require_relative "support/integration_test"
require "sqlite3"

# An ordinary Rails application.
class RailsTest < IntegrationTest
  ORDERS = 30

  def setup
    super
    run_script("prepare")
  end

  def test_jobs_through_active_job_and_sidekiq_in_workers_that_share_one_boot
    service = swarm("--processes", 2, "-r", RAILS, "-e", "production", env: bookshop)
    service.wait_until_ready(2)
    run_script("ship")
    20.times { redis.enqueue("CountJob") }
    wait_for_count(service, "count", 20)
    service.wait("#{ORDERS} shipped orders") { shipped == ORDERS }

    assert_equal (3 * 10_000) - ORDERS, query("SELECT sum(stock) FROM books")
    assert_stops service
  end

  def test_the_mold_knows_rails_and_leaves_nothing_open
    service = swarm("--processes", 1, "-r", RAILS, "-e", "production", env: bookshop)
    event = service.wait_for_event("mold_ready")
    service.wait_until_ready(1)

    assert_equal([Gem.loaded_specs.fetch("rails").version.to_s, "critical, default, mailers", "20", "5"],
                 %i[rails queues timeout_s concurrency].map { |key| event[key] })
    assert_empty service.events("fork_hygiene").map(&:line)
    assert_stops service
  end

  def test_after_fork_of_the_initializer_runs_in_each_worker
    service = swarm("--processes", 2, "-r", RAILS, "-e", "production", env: bookshop)
    service.wait_until_ready(2)

    2.times { |index| assert_includes service.log, "bookshop: worker #{index} starts" }
    assert_stops service
  end

  def test_a_large_application_is_shared_and_recycled_by_order
    service = swarm("--processes", 2, "-r", RAILS, "-e", "production", env: bookshop("BOOKSHOP_BALLAST_MB" => "120"))
    workers = service.wait_until_ready(2)
    workers.each_value { |pid| assert_operator ProcessTable.rss_kib(pid), :>=, 150 * 1024 }
    output, status = service.verb("recycle", "0")
    assert status.success?, output
    service.wait_for_event("worker_gone", slot: 0)

    refute_equal workers.fetch(0), service.ready_workers.fetch(0)
    assert_equal workers.fetch(1), service.ready_workers.fetch(1)
    assert_stops service
  end

  private

  def bookshop(more = {})
    { "BOOKSHOP_DATABASE" => database, "REDIS_URL" => redis.url }.merge(more)
  end

  def database
    File.join(folder, "bookshop.sqlite3")
  end

  def run_script(name)
    env = bookshop("ORDERS" => ORDERS.to_s, "RAILS_ENV" => "production")
    output, status = Open3.capture2e(env, "ruby", File.join(RAILS, "bin", name), stdin_data: "", chdir: folder)
    assert status.success?, output
  end

  def shipped
    query("SELECT count(*) FROM orders WHERE state = 'shipped'")
  end

  def query(text)
    handle = SQLite3::Database.new(database, readonly: true)
    handle.busy_timeout = 10_000
    handle.get_first_value(text)
  ensure
    handle&.close
  end
end
