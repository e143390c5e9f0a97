# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm/prepare"

# The effect of each choice on this Ruby's heap.
class PrepareTest < Minitest::Test
  Prepare = Sidekiq::Swarm::Prepare

  def test_full_collects_and_compacts
    collections, compactions, = effect { Prepare.run(:full) }

    assert_operator collections, :>=, 1
    skip "this Ruby cannot compact" unless GC.respond_to?(:compact)
    assert_operator compactions, :>=, 1
  end

  def test_without_compaction_nothing_is_moved
    collections, compactions, warmups = effect { Prepare.run(:"no-compact") }

    assert_operator collections, :>=, Prepare::COLLECTIONS
    assert_equal [0, 0], [compactions, warmups]
  end

  def test_none_does_nothing
    assert_equal [0, 0, 0], effect { Prepare.run(:none) }
  end

  def test_the_variable_that_sidekiq_knows_turns_it_off
    assert_equal [0, 0, 0], effect { with_variable { Prepare.run(:full) } }
  end

  private

  # Major collections, compactions and calls of Process.warmup in a fork, with the collector waiting for orders.
  def effect
    in_fork do
      warmups = count_warmups
      GC.disable
      before = counts
      yield
      counts.zip(before).map { |after, was| after - was } << warmups.size
    end
  end

  def counts
    [GC.stat(:major_gc_count), GC.stat.fetch(:compact_count, 0)]
  end

  def count_warmups
    calls = []
    return calls unless Process.respond_to?(:warmup)

    Process.singleton_class.prepend(Module.new do
      define_method(:warmup) do
        calls << true
        super()
      end
    end)
    calls
  end

  def with_variable
    ENV["RUBY_DISABLE_WARMUP"] = "1"
    yield
  ensure
    ENV.delete("RUBY_DISABLE_WARMUP")
  end
end
