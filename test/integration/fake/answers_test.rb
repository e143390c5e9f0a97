# frozen_string_literal: true

require "socket"
require_relative "support/fake_case"

# answers_test.rb: what verbs answer when there is nothing to do, or when it cannot be done now.
class AnswersTest < FakeCase
  OK = 0
  USAGE = 64
  UNAVAILABLE = 69

  def test_quiet_and_resume_say_when_there_is_nothing_to_do
    master, before = start_running
    assert_answer(/not quiet, nothing to resume/, OK, master.verb("resume"))
    assert_answer(/quiet: no worker fetches/, OK, master.verb("quiet"))
    assert_answer(/already quiet/, OK, master.verb("quiet"))
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_nobody_is_recycled_while_the_service_is_quiet
    master, before = start_running
    assert_answer(/quiet: no worker fetches/, OK, master.verb("quiet"))
    assert_answer(/the service is quiet: no worker is started/, UNAVAILABLE, master.verb("recycle", "0"))
    assert_answer(/the service is quiet: no worker is started/, UNAVAILABLE, master.verb("recycle", "all"))
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_recycle_wants_one_slot_that_exists
    master, before = start_running
    assert_answer(/no slot "2": slots are 0 to 1, or all/, USAGE, master.verb("recycle", "2"))
    assert_answer(/no slot "one"/, USAGE, master.verb("recycle", "one"))
    assert_equal USAGE, ask(master, "recycle", [])["code"]
    assert_equal USAGE, ask(master, "recycle", %w[0 1])["code"]
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  private

  def assert_answer(expected, code, answer)
    assert_match(expected, answer.first)
    assert_equal code, answer.last
  end

  # Asks as a client would that checks nothing itself.
  def ask(master, verb, arguments)
    client = UNIXSocket.new(master.control_path)
    client.puts(JSON.generate("verb" => verb, "arguments" => arguments))
    JSON.parse(client.gets)
  ensure
    client&.close
  end
end
