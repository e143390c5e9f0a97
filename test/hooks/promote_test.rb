# frozen_string_literal: true

require_relative "support/mold_test"

# A worker that becomes a mold: what of the worker is gone, and that what it forks are workers like any other.
class PromoteTest < MoldTest
  RUN = "Traps.on(:run) { Traps.say(ran: Process.pid) }"
  # Bits of SigBlk and SigCgt: signal(7).
  HELD = %w[INT TERM TSTP TTIN].freeze
  SPARED = %w[HUP USR1 USR2].freeze

  # From 3.3 on Ruby's timer, which is no thread of Ruby's, stays once there was another (thread_pthread.c).
  LEAST = RUBY_VERSION < "3.3" ? 1 : 2

  def test_its_facts_come_on_the_link_it_has
    worker = boot(RUN).spawn.run
    facts = @master.promote(worker)
    assert_equal ["traps", 3, 1000], [facts[:tag], facts[:concurrency], facts[:timeout_ms]]
    assert_equal "swarm-trace", facts[:threads]
    assert_equal worker.pid, @master.pid
  end

  def test_it_is_alone_and_named_as_a_mold_is
    promote
    assert_equal ["swarm-mold", "swarm-mold 8 [traps]"], [read("comm").chomp, read("cmdline").delete("\0").strip]
    # Ruby keeps the system's thread of one that ended for a while (thread_pthread.c).
    Processes.wait_until("one thread, beside Ruby's timer") { Dir.children("/proc/#{@master.pid}/task").size <= LEAST }
    assert_equal Process.pid, Processes.parent(@master.pid)
    refute_match(/swarm.board|memfd/, read("maps"))
  end

  def test_its_signals_are_held_as_a_molds_are
    promote
    HELD.each { |name| assert_predicate signal_mask("SigBlk") & bit(name), :positive?, name }
    (HELD + SPARED).each do |name|
      assert_predicate signal_mask("SigCgt") & bit(name), :positive?, name
      Process.kill(name, @master.pid)
    end
    assert_equal Process.pid, Processes.parent(@master.spawn.run.pid)
  end

  def test_its_forks_are_the_masters_children_and_wait_at_their_gate
    promote
    waiting = @master.spawn.ready
    running = @master.spawn.run
    said(:ran, count: 2)
    assert_equal [@first.pid, running.pid], @stage.said.filter_map { |facts| facts[:ran] }
    assert_equal [Process.pid] * 2, [waiting, running].map { |worker| Processes.parent(worker.pid) }
    waiting.link.send(:run)
    assert_includes said(:ran, count: 3), waiting.pid
  end

  def test_its_forks_obey_and_leave
    promote
    worker = @master.spawn.run
    said(:ran, count: 2)
    Process.kill(:TERM, worker.pid)
    assert_predicate worker.status, :success?
    assert_includes said(:signal, count: 2), "TERM"
  end

  def test_what_it_has_as_a_mold_is_not_the_mold_befores
    boot(RUN)
    former = @master.link
    worker = @master.spawn.run
    @master.promote(worker)
    former.send(:ask_trace)
    assert_match(/main/, former.expect(:trace)[:text])
    pids = Array.new(3) { @master.spawn.greet.pid }
    assert_equal 3, pids.uniq.size
    assert_equal pids, pids.select { |pid| Processes.parent(pid) == Process.pid }
  end

  def test_a_fork_of_it_may_be_promoted_too
    promote
    second = @master.spawn.run
    @master.promote(second, generation: 9)
    assert_equal "swarm-mold 9 [traps]", read("cmdline").delete("\0").strip
    third = @master.spawn.run
    assert_equal Process.pid, Processes.parent(third.pid)
    assert_includes said(:ran, count: 3), third.pid
  end

  def test_without_its_master_it_leaves
    promote
    @master.link.close
    assert_predicate @master.status, :success?
  end

  def test_without_its_master_it_leaves_while_it_becomes_one
    worker = boot("#{RUN}\nTraps.on(:promote) { Traps.say(promoting: true); sleep }").spawn.run
    worker.link.send(:promote, generation: 8)
    said(:promoting)
    worker.link.close
    # With all of its group, since it holds no job.
    assert_equal Signal.list["KILL"], worker.status.termsig
  end

  def test_it_tells_where_it_stands_while_it_becomes_one
    worker = boot("#{RUN}\nTraps.on(:promote) { Traps.say(promoting: true); sleep }").spawn.run
    worker.link.send(:promote, generation: 8)
    said(:promoting)
    worker.link.send(:ask_trace)
    assert_match(/promote/, worker.link.expect(:trace)[:text])
  end

  def test_one_that_cannot_leaves_with_an_error
    worker = boot("#{RUN}\nTraps.on(:promote) { raise 'still alive' }").spawn.run
    worker.link.send(:promote, generation: 8)
    assert_equal 1, worker.status.exitstatus
    assert_equal Process.pid, Processes.parent(@master.spawn.greet.pid)
  end

  def test_one_that_does_not_fetch_yet_is_not_promoted
    worker = boot(RUN).spawn.ready
    worker.link.send(:promote, generation: 8)
    worker.link.send(:run)
    assert_equal [worker.pid], said(:ran)
    assert_match(/"promote" out of turn/, @stage.log)
    worker.link.send(:promote, generation: 8)
    worker.link.expect(:mold_ready)
  end

  private

  # A mold that was a worker.
  def promote
    boot(RUN)
    @first = @master.spawn.run
    said(:ran)
    @master.promote(@first)
  end

  def read(name)
    File.read("/proc/#{@master.pid}/#{name}")
  end

  def signal_mask(field)
    read("status")[/^#{field}:\s*(\h+)/, 1].hex
  end

  def bit(name)
    1 << (Signal.list.fetch(name) - 1)
  end
end
