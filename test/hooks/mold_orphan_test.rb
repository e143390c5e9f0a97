# frozen_string_literal: true

require_relative "support/mold_test"

# The master is killed: whatever mold and workers are doing, nothing of them is left.
class MoldOrphanTest < MoldTest
  HANG = "Traps.say(here: true); Traps.wait_for_file('never')"

  def test_a_booting_mold_ends
    assert_nothing_left("mold_booting", HANG)
  end

  def test_a_booted_mold_ends_without_the_applications_at_exit
    assert_nothing_left("mold_ready", "at_exit { Traps.say(at_exit: Process.pid) }; Traps.say(here: true)")
    assert_empty(@stage.said.filter_map { |facts| facts[:at_exit] })
  end

  def test_a_worker_that_waits_for_go_ends
    assert_nothing_left("silent", "Traps.say(here: true)")
  end

  def test_a_worker_that_hangs_in_its_boot_ends_with_its_programs
    assert_nothing_left("greeted", "Traps.on(:after_fork) { spawn('sleep 1000'); #{HANG} }")
  end

  # No Ruby runs then: the native thread alone can know.
  def test_a_worker_that_holds_the_vms_lock_in_its_boot_ends
    assert_nothing_left("greeted", <<~RUBY)
      Traps.on(:after_fork) do
        require "fiddle"
        Traps.say(here: true)
        pause = Fiddle::Function.new(Fiddle::Handle::DEFAULT["pause"], [], Fiddle::TYPE_INT, need_gvl: true)
        Thread.handle_interrupt(Object => :never) { loop { pause.call } }
      end
    RUBY
  end

  def test_a_worker_at_its_gate_ends
    assert_nothing_left("gate", "Traps.on(:startup) { Traps.say(here: true) }")
  end

  def test_a_running_worker_hears_term_and_ends_with_its_programs
    assert_nothing_left("running", <<~RUBY)
      Traps.on(:run) do
        spawn("trap '' TERM; while :; do sleep 1000; done")
        Traps.say(here: true)
      end
    RUBY
    assert_includes @stage.said.filter_map { |facts| facts[:signal] }, "TERM"
  end

  # Its timeout is one second in the fixture; ten more, and the process ends whatever it does.
  def test_a_running_worker_that_ignores_term_ends_after_its_timeout
    assert_nothing_left("running", <<~RUBY)
      Traps.on(:run) do
        trap("TERM", "IGNORE")
        Traps.say(here: true)
        sleep
      end
    RUBY
  end

  def test_a_standalone_worker_that_boots_ends
    assert_nothing_left("standalone_greeted", HANG)
  end

  def test_a_standalone_worker_that_runs_ends
    assert_nothing_left("standalone_running", "Traps.on(:run) { Traps.say(here: true) }")
    assert_includes @stage.said.filter_map { |facts| facts[:signal] }, "TERM"
  end

  # The mold is gone, the worker is not: it has a master still.
  def test_a_killed_mold_costs_no_worker
    worker = boot("Traps.on(:run) { Traps.say(here: true) }").spawn.run
    Process.kill(:KILL, @master.pid)
    assert_equal 9, @master.status.termsig
    worker.link.send(:ask_trace)
    assert worker.link.expect(:trace)
    Process.kill(:TERM, worker.pid)
    assert_equal 0, worker.status.exitstatus
  end

  private

  # Starts a master, lets it bring the others to the state, kills it, and waits until nothing is left.
  def assert_nothing_left(state, code)
    @stage.app(code)
    master = start_doomed(state)
    said(:here)
    Process.kill(:KILL, master)
    Process.wait(master)
    Processes.wait_until("the end of all: #{@stage.leftovers.map { |pid| Processes.status(pid, "Name") }}") do
      @stage.leftovers.empty?
    end
    assert_empty @stage.leftovers
  end

  # The reading end of its output tells when the state is reached.
  def start_doomed(state)
    reader, writer = IO.pipe
    script = File.expand_path("support/doomed_master.rb", __dir__)
    pid = Process.spawn(@stage.environment, RbConfig.ruby, script, @stage.folder, state,
                        unsetenv_others: true, in: File::NULL, out: writer, err: [@stage.path("log"), "a"])
    writer.close
    assert reader.wait_readable(60), "the master to be killed never came so far"
    assert_equal "there\n", reader.gets
    pid
  ensure
    reader.close
  end
end
