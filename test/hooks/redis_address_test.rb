# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm/redis_address"

class RedisAddressTest < Minitest::Test
  CASES = {
    { url: "redis://user:secret@example.test:7000/3" } => "redis://example.test:7000/3",
    { url: "rediss://:secret@example.test/0?password=secret" } => "rediss://example.test/0",
    { url: "unix:///run/redis.sock?db=1&password=secret" } => "unix:///run/redis.sock",
    { "url" => "redis://[::1]:6379/0" } => "redis://[::1]:6379/0",
    { path: "/run/redis.sock", password: "secret" } => "unix:///run/redis.sock",
    { host: "example.test", ssl: true, db: 2 } => "rediss://example.test:6379/2",
    { url: "redis://primary",
      sentinels: [{ host: "a.test", port: 1, password: "secret" }, "redis://:secret@b.test:2"] } =>
      "sentinel://primary by a.test:1, redis://b.test:2",
    { url: "redis://secret secret" } => "unreadable",
    { url: "secret" } => "unreadable",
    {} => "redis://localhost:6379/0"
  }.freeze

  def test_addresses_tell_where_and_no_secret
    with_environment({}) do
      CASES.each do |options, address|
        assert_equal address, Sidekiq::Swarm::RedisAddress.of(options), options.inspect
      end
    end
  end

  def test_the_environment_is_read_as_sidekiq_reads_it
    with_environment("REDIS_URL" => "redis://:secret@a.test/1") { assert_address "redis://a.test/1" }
    with_environment("REDIS_URL" => "redis://a.test", "REDIS_PROVIDER" => "OTHER_URL",
                     "OTHER_URL" => "redis://b.test:1/0") { assert_address "redis://b.test:1/0" }
  end

  private

  def assert_address(address)
    assert_equal address, Sidekiq::Swarm::RedisAddress.of({})
  end

  def with_environment(variables)
    names = %w[REDIS_URL REDIS_PROVIDER OTHER_URL]
    before = names.to_h { |name| [name, ENV.fetch(name, nil)] }
    names.each { |name| ENV[name] = variables[name] }
    yield
  ensure
    before.each { |name, value| ENV[name] = value }
  end
end
