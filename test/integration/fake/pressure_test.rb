# frozen_string_literal: true

require "rbconfig"
require_relative "support/control_group"
require_relative "support/fake_case"

# pressure_test.rb: the kernel's word that processes wait for memory (PSI). A process of the test's own reads a file
# that its control group cannot hold, until the machine reports pressure; then the master looks at once, and one look
# is enough.
class PressureTest < FakeCase
  LIMIT_MIB = 32
  FILE_MIB = 160
  PRESSURE_S = 60
  # Reads here and there; the argument is the file, and standard input holds it until it may begin.
  READER = <<~RUBY
    $stdin.read
    file = File.open(ARGV[0])
    pages = file.size / 4096
    loop { file.pread(4096, rand(pages) * 4096) }
  RUBY
  # No cycle but the first comes by itself.
  RARELY = ["--max-rss", "60M", "--check-interval", "3600", "--memory-cycles", "3/3", "--memory-grace", "0"].freeze

  def teardown
    stop_reader if @reader
    super
  ensure
    @group&.remove
  end

  def test_b8_pressure_makes_a_limit_act_on_its_first_look
    need_pressure
    master, before = start_running(*RARELY)
    orders.set("always pid.#{before[0]} idle eat 100")
    wait_journal("ate", pid: before[0])
    read_too_much
    told = wait_pressure(master)
    recycle = master.wait_for("recycle", slot: 0)

    assert_operator told.place, :<, recycle.place
    assert_equal [before[0], "rss"], [recycle.pid, recycle[:reason]]
    assert_match(/under memory pressure/, recycle[:msg])
    master.wait_end(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  private

  def need_pressure
    skip "this kernel has no PSI that may be listened to" unless File.writable?("/proc/pressure/memory")
    @group = ControlGroup.make(:memory) or skip "no control group for memory may be made here"
  end

  def read_too_much
    @file = File.join(folder, "large")
    File.open(@file, "wb") { |file| FILE_MIB.times { file.write("x" * (1 << 20)) } }
    @group.set(LIMIT_MIB << 20)
    held, hold = IO.pipe
    @reader = Process.spawn(RbConfig.ruby, "--disable=gems", "-e", READER, @file, in: held)
    @group.add(@reader)
    [held, hold].each(&:close)
  end

  def stop_reader
    Process.kill("KILL", @reader)
    Process.wait(@reader)
  end

  def wait_pressure(master)
    Deadline.wait("pressure", within: PRESSURE_S) { master.log.select("pressure").first }
  rescue Deadline::Missed
    skip "this machine did not run short of memory within #{PRESSURE_S} s"
  end
end
