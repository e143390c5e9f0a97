# frozen_string_literal: true

require_relative "support/integration_test"

# Fork hooks: swarm's own and those of other process managers.
class HooksTest < IntegrationTest
  APPLICATION = <<~RUBY
    require "sidekiq"
    require "sidekiq/swarm"
    require "sidekiq/process_manager"
    require "#{File.join(IntegrationTest::FIXTURES, "plain/plain")}"

    Sidekiq::Swarm.before_fork { Plain.note("before 1") }
    Sidekiq::ProcessManager.before_fork { Plain.note("before 2") }
    Sidekiq::Swarm.before_fork { Plain.note("before 3") }
    Sidekiq::ProcessManager.after_fork { Plain.note("after 1") }
    Sidekiq::Swarm.after_fork { |index| Plain.note("after 2", "index=\#{index} env=\#{ENV["SWARM_INDEX"]}") }
    Sidekiq.configure_server { |config| config.on(:fork) { Plain.note("after 3") } }
  RUBY

  def test_hooks_of_all_three_kinds_run_unchanged_and_in_order
    service = start(2)
    workers = service.wait_until_ready(2)

    assert_equal ["before 1", "before 2", "before 3"], words("before")
    assert_equal 1, journal_pids("before").uniq.size
    refute_includes workers.values, journal_pids("before").first
    workers.each do |slot, pid|
      assert_equal ["after 1", "after 2 index=#{slot} env=#{slot}", "after 3"], words("after", pid)
    end
    assert_stops service
  end

  def test_a_replacement_runs_after_fork_again_and_before_fork_not
    service = start(1)
    first = service.wait_until_ready(1).fetch(0)
    service.signal_process(first, :KILL)
    service.wait_for_event("worker_ready", count: 2)

    assert_equal [3, 6], [journal("before").size, journal("after").size]
    assert_stops service
  end

  def test_hooks_do_not_run_without_prefork
    service = start(1, "--no-prefork")
    service.wait_until_ready(1)

    assert_empty journal
    assert_stops service
  end

  def test_a_before_fork_hook_that_raises_fails_the_boot
    trouble("before_fork raise")
    service = plain(2, env: trouble_env)

    assert_leaves service, 75
    assert_told service, "before_fork", "trouble in before_fork"
    assert_empty service.events("worker_ready")
  end

  def test_an_after_fork_hook_that_raises_fails_that_worker_only
    service = plain(2, env: trouble_env)
    before = service.wait_until_ready(2)
    trouble("after_fork raise")
    service.signal_process(before.fetch(0), :KILL)
    service.wait_for_event("failure", slot: 0, stage: "after_fork")
    service.wait_for_event("slot_backoff", slot: 0)
    trouble(nil)
    service.wait_for_event("worker_ready", slot: 0, count: 2)

    assert_told service, "after_fork", "trouble in after_fork"
    assert_equal before.fetch(1), service.ready_workers.fetch(1)
    assert_stops service
  end

  private

  def start(processes, *more)
    swarm("--processes", processes, *more, "-r", write_application(APPLICATION), env: journal_env)
  end

  # The journal's lines without their pids, of one process where given.
  def words(word, pid = nil)
    lines = journal(word)
    lines = lines.grep(/ pid=#{pid}\b/) if pid
    lines.map { |line| line.sub(/ pid=\d+/, "") }
  end

  # The log names class, text, file and line, and shows the backtrace.
  def assert_told(service, stage, text)
    event = service.events("failure", stage: stage).first

    refute_nil event, "no failure of #{stage} in the log"
    assert_equal "RuntimeError", event[:class]
    assert_includes event[:text], text
    assert_match(%r{fixtures/plain/plain\.rb:\d+\z}, event[:place])
    assert_match(%r{hook of .*fixtures/plain/app\.rb:\d+}, event[:text])
    assert_includes service.events("failure_frame").map { |frame| frame[:line] }.join("\n"), "plain.rb:"
  end
end
