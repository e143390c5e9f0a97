# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm/failure"
require "sidekiq/swarm/hooks"
require "tempfile"

class FailureTest < Minitest::Test
  # An exception whose message cannot be asked for.
  class Mute < StandardError
    def message
      raise "no"
    end
  end

  def setup
    RecordedNative.calls.clear
  end

  def test_class_text_place_frames_and_status_are_told
    stage, kind, text, place, frames, code = told("boot") { raise IOError, "the text" }

    assert_equal ["boot", "IOError", "the text", 1], [stage, kind, text, code]
    assert_match(/\A#{Regexp.escape(__FILE__)}:\d+\z/, place)
    assert_equal Sidekiq::Swarm::Failure::FRAMES, frames.lines.size
  end

  def test_a_missing_file_is_placed_where_it_is_required
    _, kind, _, place, = told("boot") { require "no/such/file" }

    assert_equal "LoadError", kind
    assert_match(/\A#{Regexp.escape(__FILE__)}:\d+\z/, place)
  end

  def test_what_was_raised_goes_on
    assert_raises(IOError) { Sidekiq::Swarm::Failure.during("boot") { raise IOError } }
  end

  def test_it_is_told_once_and_by_the_innermost_stage
    told("outer") { Sidekiq::Swarm::Failure.during("inner") { raise IOError } }

    assert_equal([%i[failure], ["inner"]], [RecordedNative.names, RecordedNative.calls.map { |call| call[1] }])
  end

  def test_exit_is_told_with_its_status
    _, kind, text, _, _, code = told("boot") { exit 42 }

    assert_equal ["SystemExit", "exit(42) was called", 42], [kind, text, code]
  end

  def test_a_signal_is_no_failure
    assert_raises(Interrupt) { Sidekiq::Swarm::Failure.during("boot") { raise Interrupt } }
    assert_empty RecordedNative.calls
  end

  def test_a_syntax_error_names_the_file_that_has_it
    Tempfile.create(["broken", ".rb"]) do |file|
      file.write("\ndef x(\n")
      file.close
      place = told("boot") { load file.path }[3]

      assert_match(/\A#{Regexp.escape(file.path)}:\d+\z/, place)
    end
  end

  def test_a_hook_is_named
    hooks = Sidekiq::Swarm::Hooks.new
    hooks.add(:before_fork, (block = proc { raise IOError, "no" }))
    text = told("before_fork") { hooks.run(:before_fork) }[2]

    assert_equal "no (in the hook of #{block.source_location.join(":")})", text
  end

  def test_hostile_texts_are_made_fit_for_the_wire
    [(+"a\0b\xFF").force_encoding("UTF-8"), (+"a\0b\xFF").b, "aéb".encode("ISO-8859-1")].each do |hostile|
      text = told("boot") { raise IOError, hostile }[2]

      assert_equal [Encoding::UTF_8, true, false], [text.encoding, text.valid_encoding?, text.include?("\0")]
    end
  end

  def test_an_exception_without_message_class_name_or_backtrace
    assert_equal "(its message raised RuntimeError)", told("boot") { raise Mute }[2]
    assert_match(/Class/, told("boot") { raise Class.new(StandardError), "anonymous" }[1])
    assert_equal "", told("boot") { raise IOError, "bare", [] }[3]
  end

  private

  # The arguments of the one failure that was told while the block ran.
  def told(stage)
    RecordedNative.calls.clear
    begin
      Sidekiq::Swarm::Failure.during(stage) { yield }
    rescue Exception # rubocop:disable Lint/RescueException, Lint/SuppressedException
    end
    RecordedNative.calls.fetch(0).drop(1)
  end
end
