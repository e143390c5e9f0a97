# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm"
require "sidekiq/swarm/check"

# What a mold of `swarm check` tells of Redis, with a Sidekiq that is only played.
class CheckTest < Minitest::Test
  # Stands in for Sidekiq's configuration: what a block does when Redis is asked.
  class Config
    def initialize(info = {}, &ping)
      @info = info
      @ping = ping
    end

    def redis
      yield self
    end

    def ping
      @ping&.call
    end

    def redis_info
      @info
    end
  end

  # Stands in for a booted Sidekiq::Swarm::Application.
  Application = Struct.new(:config) do
    def booted?
      true
    end

    def adapter
      self
    end
  end

  def test_what_redis_answered
    facts = complete(Config.new({ "redis_version" => "7.0.15", "maxmemory_policy" => "noeviction" }))

    assert_equal ["7.0.15", "noeviction", "here"], facts.values_at(:redis_version, :redis_policy, :threads)
    assert_operator facts[:redis_us], :>=, 0
    refute_includes facts, :redis_error
  end

  def test_why_it_did_not
    assert_equal({ redis_error: "IOError: refused" }, error { raise IOError, "refused" })
  end

  def test_a_library_that_is_missing
    assert_equal({ redis_error: "LoadError: no such library" }, error { raise LoadError, "no such library" })
  end

  def test_user_and_password_are_left_out
    told = error { raise URI::InvalidURIError, 'bad URI: "redis://me:hush@host:1/0" and rediss://:hush@b' }

    assert_equal 'URI::InvalidURIError: bad URI: "redis://host:1/0" and rediss://b', told[:redis_error]
  end

  def test_a_redis_that_never_answers
    assert_equal({ redis_error: "no answer within 0.1 s" }, error(0.1) { Queue.new.pop(false) })
  end

  private

  def complete(config, *limit)
    Sidekiq::Swarm::Check.new(Application.new(config), *limit).complete({ threads: "here" })
  end

  def error(*limit, &ping)
    complete(Config.new(&ping), *limit).slice(:redis_error, :redis_version)
  end
end
