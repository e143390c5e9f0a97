# frozen_string_literal: true

require_relative "support/mold_test"

# Signals that come when nobody asked for them: during a boot, inside the fork, before Sidekiq's traps stand.
class MoldSignalsTest < MoldTest
  # Sidekiq's own, and those that would end Ruby or stop the process.
  HELD = %w[TERM INT TSTP TTIN].freeze
  SPARED = %w[HUP USR1 USR2 TTOU WINCH].freeze

  # Between the kernel's fork and the traps, TERM would raise inside Process._fork: two molds on one link.
  def test_signals_inside_the_fork_are_held_until_the_traps_stand
    boot(<<~RUBY)
      Process.singleton_class.prepend(Module.new do
        def _fork
          super.tap { |pid| %w[TSTP TTIN TERM INT].each { |name| Process.kill(name, Process.pid) } if pid.zero? }
        end
      end)
    RUBY
    worker = @master.spawn.run
    assert worker.link.expect(:stopping)
    assert_equal 0, worker.status.exitstatus
    assert_equal "alive", answer_of_the_mold
  end

  def test_signals_right_after_the_fork_are_held
    boot("Traps.on(:after_fork) { Traps.wait_for_file('go') }")
    worker = @master.spawn.greet
    Process.kill(:TSTP, worker.pid)
    touch("go")
    worker.run
    assert_equal %w[TSTP], said(:signal)
    Process.kill(:TERM, worker.pid)
    assert_equal 0, worker.status.exitstatus
  end

  # Ruby clears the mask after each program that it starts by vfork, which it does unless it is root.
  def test_signals_are_held_although_a_hook_started_a_program
    boot(<<~RUBY, prefix: unprivileged)
      Traps.on(:after_fork) { `true`; Process.kill(:TERM, Process.pid); Traps.say(after: true) }
    RUBY
    worker = @master.spawn.run
    assert said(:after)
    assert_equal 0, worker.status.exitstatus
    assert_equal %w[TERM], said(:signal)
  end

  def test_a_booted_mold_obeys_its_link_only
    boot
    flood(@master.pid)
    assert_equal "alive", answer_of_the_mold
    @master.spawn.run
  end

  def test_a_mold_that_boots_is_not_ended_by_signals
    flood_while_booting { @master.start(more: { "RUBYOPT" => "-r./slow" }) }
    @master.ready
    @master.spawn.run
  end

  # Ruby clears the mask while its VM boots: what came then must reach Sidekiq's traps nevertheless.
  def test_a_standalone_worker_hears_after_its_boot_what_came_during_it
    flood_while_booting { @worker = @master.start_standalone(more: { "RUBYOPT" => "-r./slow" }).greet }
    @worker.run
    assert_equal 0, @worker.status.exitstatus
    refute_empty said(:signal)
  end

  def test_a_worker_is_not_sent_what_came_for_the_mold
    boot
    HELD.each { |name| Process.kill(name, @master.pid) }
    worker = @master.spawn.run
    @master.link.send(:ask_trace)
    assert @master.link.expect(:trace)
    assert_empty @stage.said
    Process.kill(:TERM, worker.pid)
    assert_equal 0, worker.status.exitstatus
    assert_equal %w[TERM], said(:signal)
  end

  def test_a_worker_treats_the_others_as_ruby_does
    boot("Traps.on(:boot) { trap('USR2') { Traps.say(usr2: Process.pid) } }")
    ends = @master.spawn.run
    lives = @master.spawn.run
    Process.kill(:USR1, ends.pid)
    assert_equal Signal.list["USR1"], ends.status.termsig
    Process.kill(:USR2, lives.pid)
    assert_equal [lives.pid], said(:usr2)
  end

  def test_the_traps_of_an_application_do_not_end_the_mold
    boot("Traps.on(:boot) { trap('USR1') { raise 'from a trap' } }")
    Process.kill(:USR1, @master.pid)
    assert_equal "from a trap", @master.link.expect(:failure)[:text]
    @master.spawn.run
  end

  private

  # The words that start the mold as another user, where this one is root.
  def unprivileged
    return [] unless Process.uid.zero?

    skip "no setpriv to become another user" unless system("setpriv", "--version", %i[out err] => File::NULL)

    @stage.open_to_all
    %w[setpriv --reuid=65534 --regid=65534 --clear-groups]
  end

  def flood(pid)
    50.times { (HELD + SPARED).each { |name| Process.kill(name, pid) } }
  end

  # Ruby's boot stands still in a file that RUBYOPT requires, while the mask is clear.
  def flood_while_booting
    File.write(@stage.path("work/slow.rb"), <<~RUBY)
      File.write("booting", Process.pid.to_s)
      sleep 0.01 until File.exist?("go")
    RUBY
    @stage.app("")
    yield
    file = @stage.path("work/booting")
    pid = Processes.wait_until("the boot") { File.exist?(file) && File.read(file)[/\A\d+\z/] }.to_i
    (HELD + SPARED).each { |name| Process.kill(name, pid) }
    touch("go")
  end

  def answer_of_the_mold
    @master.link.send(:ask_trace)
    @master.link.expect(:trace)[:text].include?("main") ? "alive" : "silent"
  end
end
