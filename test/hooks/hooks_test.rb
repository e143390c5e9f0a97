# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm"

class HooksTest < Minitest::Test
  def setup
    @hooks = Sidekiq::Swarm::Hooks.new
    @ran = []
  end

  def test_blocks_run_in_the_order_in_which_they_were_given
    3.times { |number| @hooks.add(:after_fork, proc { @ran << number }) }
    @hooks.run(:after_fork, 7, more: [proc { @ran << :more }])

    assert_equal [0, 1, 2, :more], @ran
  end

  def test_blocks_of_one_kind_do_not_run_for_another
    @hooks.add(:before_fork, proc { @ran << :before })
    @hooks.run(:after_fork, 0)

    assert_empty @ran
  end

  def test_a_block_is_given_the_index
    @hooks.add(:after_fork, proc { |index| @ran << index })
    @hooks.run(:after_fork, 7)

    assert_equal [7], @ran
  end

  def test_lambdas_are_given_what_they_take
    @hooks.add(:after_fork, -> { @ran << :none })
    @hooks.add(:after_fork, ->(index) { @ran << index })
    @hooks.add(:after_fork, ->(*all) { @ran << all })
    @hooks.add(:after_fork, @ran.method(:push).to_proc)
    @hooks.run(:after_fork, 7)

    assert_equal [:none, 7, [7], 7], @ran
  end

  def test_a_hook_without_a_block_is_refused
    error = assert_raises(ArgumentError) { @hooks.add(:before_fork, nil) }
    assert_match(/before_fork needs a block/, error.message)
  end

  def test_what_a_block_raises_goes_on_and_its_place_is_known
    block = proc { raise IOError, "no" }
    @hooks.add(:before_fork, block)
    @hooks.add(:before_fork, proc { @ran << :never })
    error = assert_raises(IOError) { @hooks.run(:before_fork) }

    assert_equal block.source_location.join(":"), Sidekiq::Swarm::HookError.place_of(error)
    assert_empty @ran
  end

  def test_places_name_file_and_line
    line = __LINE__ + 1
    @hooks.add(:before_fork, proc {})

    assert_equal ["#{__FILE__}:#{line}"], @hooks.places(:before_fork)
  end
end
