# frozen_string_literal: true

require_relative "support/mold_test"

# The link under bad conditions: a hanging VM, a master that does not read, a library that closes what it finds.
class MoldLinkTest < MoldTest
  def test_a_mold_that_hangs_while_it_boots_tells_where
    @stage.app("def hang_here = Traps.wait_for_file('go')\nTraps.say(hangs: true)\nhang_here")
    @master.start
    said(:hangs)
    @master.link.send(:ask_trace)
    assert_match(/hang_here/, @master.link.expect(:trace)[:text])
    touch("go")
    assert_equal "", @master.ready[:threads].sub("swarm-trace", "")
    @master.spawn.run
  end

  def test_a_worker_that_hangs_in_a_hook_tells_where
    boot("def hang_here = Traps.wait_for_file('go')\nTraps.on(:after_fork) { hang_here }")
    worker = @master.spawn.greet
    worker.link.send(:ask_trace)
    assert_match(/swarm-trace/, worker.link.expect(:trace)[:text])
    until_hung = Processes.wait_until("the hook") do
      worker.link.send(:ask_trace)
      worker.link.expect(:trace)[:text][/hang_here/]
    end
    assert_equal "hang_here", until_hung
    touch("go")
    worker.run
  end

  def test_a_standalone_worker_tells_where_it_boots
    @stage.app("def hang_here = Traps.wait_for_file('go')\nTraps.say(hangs: true)\nhang_here")
    worker = @master.start_standalone.greet
    said(:hangs)
    worker.link.send(:ask_trace)
    assert_match(/hang_here/, worker.link.expect(:trace)[:text])
    touch("go")
    worker.run
  end

  def test_a_worker_waits_at_its_gate_until_it_may_run
    boot("Traps.on(:run) { Traps.say(ran: true) }")
    worker = @master.spawn.ready
    worker.link.send(:ask_trace)
    assert_match(/wait_run/, worker.link.expect(:trace)[:text])
    assert_empty @stage.said
    worker.link.send(:run)
    assert said(:ran)
  end

  # The buffer is full long before the last step; ready must wait for room and not be lost.
  def test_ready_is_not_lost_when_the_master_does_not_read
    boot(<<~RUBY)
      Traps.on(:startup) do
        5000.times { |i| Sidekiq::Swarm::Native.step("step \#{i}" + "x" * 40, 1) }
        Traps.say(steps: "sent")
      end
      Traps.on(:run) { Traps.say(ran: true) }
    RUBY
    worker = @master.spawn.greet
    said(:steps)
    steps = worker.run.link.messages.count { |message| message.type == :step }
    assert_operator steps, :<, 5000
    assert said(:ran)
  end

  def test_a_link_that_a_library_closes_costs_no_worker
    boot(<<~RUBY)
      Traps.on(:run) do
        (3..300).each { |fd| IO.for_fd(fd).close rescue nil } # as daemons do
        Sidekiq::Swarm::Native.step("nobody hears this", 1)
        Sidekiq::Swarm::Native.job_started("AJob", "a-jid", "default", "{}")
        Traps.say(closed: Dir.children("/proc/self/fd").length)
        sleep
      end
    RUBY
    worker = @master.spawn.run
    said(:closed)
    refute Processes.gone?(worker.pid)
  end

  # It hears no order any more: better a new mold than one that hangs.
  def test_a_mold_whose_link_is_closed_ends_with_a_word
    @stage.app("(3..300).each { |fd| IO.for_fd(fd).close rescue nil }")
    @master.start
    assert_equal 70, @master.status.exitstatus
    assert_match(/closed descriptors that are not its own/, @stage.log)
  end

  # Once its number belongs to another file, nothing may be read from or written to it.
  def test_a_file_that_took_the_links_number_is_left_alone
    boot(<<~RUBY)
      Traps.on(:startup) do
        fd = Dir.children("/proc/self/fd").map(&:to_i).find { |n| n >= 200 && (File.readlink("/proc/self/fd/\#{n}") rescue "").start_with?("socket") }
        IO.for_fd(fd).close
        file = File.open("mine", "w+")
        copy = file.fcntl(0, fd)
        copy == fd or raise "took \#{copy}, not \#{fd}"
        Sidekiq::Swarm::Native.step("nobody hears this", 1)
        Traps.say(size: File.size("mine"))
      end
    RUBY
    worker = @master.spawn.greet
    assert_equal [0], said(:size)
    refute Processes.gone?(worker.pid)
  end

  def test_the_descriptors_of_a_worker_are_its_own_alone
    boot(<<~RUBY)
      Traps.on(:run) do
        list = Dir.children("/proc/self/fd").to_h { |n| [n, (File.readlink("/proc/self/fd/\#{n}") rescue nil)] }.compact
        Traps.say(sockets: list.count { |_, to| to.start_with?("socket") }, boards: list.count { |_, to| to.include?("swarm-board") },
                  inherited: `ls /proc/self/fd`.split.map(&:to_i).select { |n| n > 3 })
      end
    RUBY
    2.times { @master.spawn.run }
    said(:sockets, count: 2)
    # What the runner itself handed down is not the mold's.
    handed_down = `ls /proc/self/fd`.split.map(&:to_i).select { |number| number > 3 }
    assert_equal [{ sockets: 1, boards: 0, inherited: handed_down }] * 2, @stage.said
  end
end
