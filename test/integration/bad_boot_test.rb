# frozen_string_literal: true

require_relative "support/integration_test"

# Applications that do not boot: the error is in the log, the exit code is 75, nothing is left.
class BadBootTest < IntegrationTest
  def test_a_gemfile_with_a_missing_gem
    File.write(File.join(folder, "Gemfile"), "source \"https://gems.invalid\"\ngem \"no-such-gem-of-swarm\"\n")
    service = plain(1, base_env: Bundler.unbundled_env)

    assert_leaves service, 75
    assert_includes service.log, "no-such-gem-of-swarm"
    refute_empty service.events("failure")
  end

  def test_a_syntax_error
    assert_fails_to_boot "\ndef broken(\n", "SyntaxError", /app\.rb:\d+\z/
  end

  def test_a_missing_file
    assert_fails_to_boot 'require "no/such/file"', "LoadError", /app\.rb:1\z/, "no/such/file"
  end

  def test_an_exception_in_the_application
    assert_fails_to_boot 'raise IOError, "of this test"', "IOError", /app\.rb:1\z/, "of this test"
  end

  def test_exit_42
    assert_fails_to_boot "exit 42", "SystemExit", /app\.rb:1\z/, "42"
  end

  def test_an_exception_in_a_rails_initializer
    service = swarm("--processes", 1, "-r", RAILS, "-e", "production",
                    env: { "BOOKSHOP_BALLAST_MB" => "banana", "BOOKSHOP_DATABASE" => File.join(folder, "db") })

    assert_leaves service, 75
    event = service.events("failure").first
    assert_equal "ArgumentError", event[:class]
    assert_includes service.log, "config/initializers/ballast.rb"
  end

  def test_no_application_at_all
    service = swarm("--processes", 1, "-r", File.join(folder, "nothing.rb"))

    assert_leaves service, 75
    assert_includes service.log, "Please point Sidekiq to a Rails application or a Ruby file"
    assert_equal %w[boot SystemExit], service.events("failure").last.fields.values_at(:stage, :class)
  end

  def test_no_prefork_fails_in_the_same_way
    service = swarm("--processes", 1, "--no-prefork", "-r", write_application('raise IOError, "of this test"'))

    assert_leaves service, 75
    assert_includes service.events("give_up").last.line, "IOError"
  end

  def test_redis_not_reachable_at_the_start
    service = plain(1, env: { "REDIS_URL" => "unix://#{folder}/no-redis.sock" })

    assert_leaves service, 75
    event = service.events("failure").last
    assert_equal "startup", event[:stage]
    assert_match(/Redis/, event[:class])
  end

  def test_redis_gone_for_a_while_costs_no_worker
    service = plain(2)
    workers = service.wait_until_ready(2)
    service.wait_for_event("worker_run", count: 2)
    redis.stop
    service.wait("an error of each worker") { workers.values.all? { |pid| service.log.match?(/pid=#{pid} .*rror/) } }
    redis.start
    redis.enqueue("CountJob")
    wait_for_count(service, "count", 1)

    assert_equal workers, service.ready_workers
    assert_stops service
  end

  private

  # The service leaves with 75 and tells class, place and text of what the application raised.
  def assert_fails_to_boot(application, kind, place, text = "")
    service = swarm("--processes", 2, "-r", write_application(application))

    assert_leaves service, 75
    event = service.events("failure").first
    assert_equal ["boot", kind], [event[:stage], event[:class]]
    assert_match place, event[:place]
    assert_includes event[:text], text
    assert_includes service.events("give_up").last.line, kind
  end
end
