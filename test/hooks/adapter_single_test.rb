# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm/adapter/single"

# Sidekiq 6.5 as far as its layout reads it, with stand-ins for both of its Redis clients.
class AdapterSingleTest < Minitest::Test
  # A client of the pool, around the one that has the connection.
  Client = Struct.new(:_client)
  # A client of redis-namespace.
  Namespaced = Struct.new(:redis, :namespace)
  # The gem redis.
  WithOptions = Struct.new(:options)
  # The gem redis-client, with its two kinds of configuration.
  WithConfig = Struct.new(:config)
  Plain = Struct.new(:server_url)
  Sentinels = Struct.new(:name, :sentinels)

  # Lends its only client.
  Pool = Struct.new(:client) do
    def with
      yield client
    end
  end

  # The module Sidekiq.
  Config = Struct.new(:redis_pool)

  ADDRESSES = {
    WithOptions.new({ scheme: "redis", host: "example.test", port: 7000, db: 2, password: "secret" }) =>
      "redis://example.test:7000/2",
    WithOptions.new({ scheme: "unix", path: "/run/redis.sock", db: 0 }) => "unix:///run/redis.sock",
    WithConfig.new(Plain.new("rediss://user:secret@example.test:7000/2")) => "rediss://example.test:7000/2",
    WithConfig.new(Sentinels.new("primary", [])) => "sentinel://primary"
  }.freeze

  def test_redis_is_told_without_secrets
    ADDRESSES.each { |client, address| assert_equal address, redis(Client.new(client)) }
  end

  def test_redis_behind_a_namespace
    client = Client.new(WithOptions.new({ path: "/run/redis.sock" }))

    assert_equal "unix:///run/redis.sock", redis(Namespaced.new(client, "of an application"))
  end

  def test_queues_and_threads
    single = Sidekiq::Swarm::Adapter::Single.new({ queues: %w[a a b], concurrency: 7 })

    assert_equal [%w[a b], 7], [single.queues, single.concurrency]
  end

  private

  def redis(client)
    Sidekiq::Swarm::Adapter::Single.new(Config.new(Pool.new(client))).redis
  end
end
