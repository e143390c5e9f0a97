# frozen_string_literal: true

require_relative "support/integration_test"

# How the application's gems are found.
class BootTest < IntegrationTest
  GEMFILE = ENV.fetch("BUNDLE_GEMFILE")

  def test_bundle_exec
    assert_works plain(1, base_env: Bundler.original_env, command: ["bundle", "exec", Service::BINARY])
  end

  def test_without_bundle_exec_with_a_named_gemfile
    assert_works plain(1, base_env: Bundler.original_env)
  end

  def test_without_bundle_exec_with_a_gemfile_in_the_working_directory
    File.write(File.join(folder, "Gemfile"), "eval_gemfile #{GEMFILE.inspect}\n")
    assert_works plain(1, base_env: Bundler.unbundled_env, env: bundler_settings)
  end

  def test_without_a_gemfile_where_the_gems_are_installed
    assert_works plain(1, base_env: Bundler.unbundled_env, env: installed_gems)
  end

  def test_without_a_gemfile_and_without_sidekiq
    env = { "GEM_HOME" => folder, "GEM_PATH" => folder }
    skip "this Ruby has a Sidekiq of its own" if system_sidekiq?(env)
    service = plain(1, base_env: Bundler.unbundled_env, env: env)

    assert_leaves service, 75
    assert_includes service.events("failure").last.line, "sidekiq/cli"
  end

  def test_the_mold_tells_what_it_learnt
    service = plain(1, "-c", 3, "-t", 9, "-q", "urgent", "-q", "default")
    event = service.wait_for_event("mold_ready")

    assert_equal([RUBY_DESCRIPTION, "3", "9", "urgent, default", redis.url],
                 %i[ruby concurrency timeout_s queues redis].map { |key| event[key] })
    assert_match(/\A\d+\.\d+/, event[:sidekiq])
    service.wait_until_ready(1)
    assert_stops service
  end

  private

  def assert_works(service)
    service.wait_until_ready(1)
    redis.enqueue("CountJob")
    wait_for_count(service, "count", 1)
    assert_stops service
  end

  def bundler_settings
    Bundler.original_env.slice("BUNDLE_PATH", "BUNDLE_APP_CONFIG", "BUNDLE_SILENCE_ROOT_WARNING")
  end

  # Sidekiq's gems as RubyGems would find them, and swarm's own files beside: the mold brings those itself.
  def installed_gems
    gems = File.dirname(Gem.loaded_specs.fetch("sidekiq").gems_dir)
    { "GEM_HOME" => gems, "GEM_PATH" => gems }
  end

  def system_sidekiq?(env)
    system(Bundler.unbundled_env.merge(env), "ruby", "-e", 'require "sidekiq/cli"', unsetenv_others: true,
                                                                                   in: File::NULL, err: File::NULL)
  end
end
