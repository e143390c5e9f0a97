# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm/keepsake"

# What an object was, and is again.
class KeepsakeTest < Minitest::Test
  # Something with variables of all kinds.
  class Thing
    attr_accessor :list, :table, :text, :later, :frozen

    def initialize
      @list = [1, [2]]
      @table = { events: { startup: [:first] }, name: "a" }
      @text = "kept"
      @frozen = [1].freeze
    end
  end

  def setup
    @thing = Thing.new
    @keepsake = Sidekiq::Swarm::Keepsake.new(@thing)
  end

  def test_variables_are_what_they_were_and_later_ones_are_gone
    @thing.text = "changed"
    @thing.later = 1
    @keepsake.restore

    assert_equal "kept", @thing.text
    refute_includes @thing.instance_variables, :@later
  end

  def test_containers_are_filled_anew_in_place_at_any_depth
    list = @thing.list
    events = @thing.table[:events][:startup]
    list.clear
    events.clear
    @thing.table[:more] = 1
    @keepsake.restore

    assert_equal [1, [2]], @thing.list
    assert_same list, @thing.list
    assert_equal [:first], events
    assert_same events, @thing.table[:events][:startup]
    assert_equal %i[events name], @thing.table.keys
  end

  def test_what_was_frozen_meanwhile_is_exchanged
    @thing.table[:name] = "b"
    @thing.table.freeze
    @keepsake.restore

    refute_predicate @thing.table, :frozen?
    assert_equal "a", @thing.table[:name]
  end

  def test_what_was_frozen_before_stays
    frozen = @thing.frozen
    @keepsake.restore

    assert_same frozen, @thing.frozen
  end

  def test_a_container_that_holds_itself_has_an_end
    list = [1]
    list << list
    @thing.list = list
    keepsake = Sidekiq::Swarm::Keepsake.new(@thing)
    list << 3
    keepsake.restore

    assert_equal [1, 2], [@thing.list.first, @thing.list.size]
  end

  def test_it_can_be_restored_more_than_once
    2.times do
      @thing.list << 9
      @keepsake.restore
    end

    assert_equal [1, [2]], @thing.list
  end

  def test_defaults_of_hashes_stay
    @thing.table = Hash.new { |hash, key| hash[key] = [] }
    keepsake = Sidekiq::Swarm::Keepsake.new(@thing)
    @thing.table[:a] << 1
    keepsake.restore

    assert_empty @thing.table.keys
    assert_equal [], @thing.table[:b]
  end
end
