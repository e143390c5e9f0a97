# frozen_string_literal: true

require_relative "support/mold_test"

# The fork: whose child a worker is, what runs in it, what runs once.
class MoldForkTest < MoldTest
  FACTS = <<~RUBY
    Traps.on(:run) do
      Traps.say(worker: {
        pid: Process.pid, dollar: $$, ppid: Process.ppid, threads: Thread.list.map { |t| t.name || "main" },
        place: Sidekiq::Swarm::Runtime.place, random: rand(1 << 60), group: Process.getpgrp,
        stdin: File.readlink("/proc/self/fd/0"), comm: File.read("/proc/self/comm").chomp
      })
    end
  RUBY

  def test_a_worker_is_the_masters_child_and_knows_itself
    worker = boot(FACTS).spawn.run
    facts = said(:worker).first
    assert_equal [worker.pid] * 3, [facts[:pid], facts[:dollar], facts[:group]]
    assert_equal Process.pid, facts[:ppid]
    assert_equal({ slot: 2, index: 5, generation: 7, request: 1 }, facts[:place])
    assert_equal %w[main swarm-trace], facts[:threads].sort
    assert_equal ["/dev/null", "swarm-worker"], facts.values_at(:stdin, :comm)
  end

  def test_the_mold_names_the_worker_that_said_hello
    master = boot
    worker = master.order.greet
    assert_equal worker.pid, master.link.expect(:spawned)[:pid]
  end

  def test_each_worker_has_its_own_random_numbers
    master = boot(FACTS)
    2.times { master.spawn.run }
    assert_equal 2, said(:worker, count: 2).map { |facts| facts[:random] }.uniq.length
  end

  def test_hooks_of_process_fork_run_once_on_each_side
    master = boot(<<~RUBY)
      Process.singleton_class.prepend(Module.new do
        def _fork
          super.tap { |pid| Traps.say(hook: { pid: Process.pid, child: pid.zero? }) }
        end
      end)
    RUBY
    worker = master.spawn.run
    assert_equal [{ pid: master.pid, child: false }, { pid: worker.pid, child: true }],
                 said(:hook, count: 2).sort_by { |hook| hook[:child].to_s }
  end

  # The middle is reaped in C, and the worker is no child of the mold: Ruby knows of neither.
  def test_the_mold_has_no_children_afterwards
    master = boot(<<~RUBY)
      Traps.on(:before_spawn) do
        Process.wait
        Traps.say(children: "some")
      rescue Errno::ECHILD
        Traps.say(children: "none", last: $?.inspect)
      end
    RUBY
    3.times { master.spawn.greet }
    assert_equal %w[none] * 3, said(:children, count: 3)
    assert_equal ["nil"], @stage.said.map { |facts| facts[:last] }.uniq
  end

  # Then the kernel reaps the middle by itself.
  def test_an_application_that_ignores_its_children_gets_workers_nevertheless
    worker = boot("trap('CHLD', 'IGNORE')").spawn.run
    assert_equal Process.pid, Processes.parent(worker.pid)
  end

  def test_a_program_the_mold_starts_is_its_own_child_with_a_clear_mask
    boot(<<~'RUBY')
      Traps.on(:boot) do
        status = `cat /proc/self/status`
        Traps.say(program: { ppid: status[/PPid:\s*(\d+)/, 1].to_i, blocked: status[/SigBlk:\s*(\w+)/, 1].hex,
                             ignored: status[/SigIgn:\s*(\w+)/, 1].hex })
      end
    RUBY
    assert_equal({ ppid: @master.pid, blocked: 0, ignored: 0 }, said(:program).first)
  end

  def test_a_worker_forks_and_spawns_like_any_process
    boot(<<~'RUBY').spawn.run
      Traps.on(:run) do
        reader, writer = IO.pipe
        child = fork { writer.write(Process.ppid); exit!(3) }
        status = Process.wait2(child).last.exitstatus
        writer.close
        Traps.say(forked: { parent: reader.read.to_i == Process.pid, status: status, echo: `echo fine`.chomp })
      end
    RUBY
    assert_equal({ parent: true, status: 3, echo: "fine" }, said(:forked).first)
  end

  def test_threads_queues_and_timeouts_work_in_a_worker
    boot(<<~'RUBY').spawn.run
      require "timeout"
      Traps.on(:boot) { Timeout.timeout(5) { 1 } }
      Traps.on(:run) do
        queue = Queue.new
        spinner = Thread.new { loop { 1 + 1 } }
        Thread.new { queue << :fine }
        found = queue.pop
        timed_out = begin
          Timeout.timeout(0.05) { sleep }
        rescue Timeout::Error
          true
        end
        spinner.kill.join
        Traps.say(threads: [found, timed_out])
      end
    RUBY
    assert_equal ["fine", true], said(:threads).first
  end

  def test_title_of_mold_and_worker_use_the_whole_argument_block
    long = "a-tag-that-is-longer-than-the-name-of-the-program"
    master = boot("Traps.on(:run) { $0 = '#{long}'; Traps.say(zero: $0, home: ENV['HOME']) }")
    assert_equal "swarm-mold 7 [traps]", title(master.pid)
    worker = master.spawn.run
    assert_equal [long], said(:zero)
    assert_equal long, title(worker.pid)
    assert_equal [ENV.fetch("HOME")], said(:home)
  end

  private

  def title(pid)
    File.read("/proc/#{pid}/cmdline").delete("\0").strip
  end
end
