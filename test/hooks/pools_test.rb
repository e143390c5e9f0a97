# frozen_string_literal: true

require_relative "test_helper"
require "connection_pool"
require "sidekiq/swarm/pools"

# Pools that an application made by itself.
class PoolsTest < Minitest::Test
  # Stands in for a connection.
  Connection = Struct.new(:closed) do
    def close
      self.closed = true
    end
  end

  def test_what_is_open_is_closed_and_the_pool_stays_usable
    pool = pool_of { Connection.new(false) }
    first = pool.with { |one| one }
    close

    assert first.closed
    refute_same first, pool.with { |one| one }
  end

  def test_what_is_in_use_is_left_alone
    pool = pool_of { Connection.new(false) }
    pool.with do |one|
      close
      refute one.closed
    end
  end

  def test_a_pool_that_is_not_to_be_emptied_is_left_alone
    skip "this connection_pool has no such option" unless ConnectionPool.method_defined?(:auto_reload_after_fork)
    pool = ConnectionPool.new(size: 1, auto_reload_after_fork: false) { Connection.new(false) }
    first = pool.with { |one| one }
    close

    refute first.closed
  end

  def test_what_cannot_be_closed_is_dropped
    pool = pool_of { Object.new }
    first = pool.with { |one| one }
    close

    refute_same first, pool.with { |one| one }
  end

  # Before 2.4 the gem does not know its pools.
  def test_pools_of_an_older_gem_are_found_in_the_heap
    closed = in_fork do
      pool = pool_of { Connection.new(false) }
      ConnectionPool.send(:remove_const, :INSTANCES)
      first = pool.with { |one| one }
      close
      first.closed
    end

    assert closed
  end

  private

  def pool_of(&block)
    ConnectionPool.new(size: 1, &block)
  end

  def close
    Sidekiq::Swarm::Pools.close(nil)
  end
end
