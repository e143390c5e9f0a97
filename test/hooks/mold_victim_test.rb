# frozen_string_literal: true

require_relative "support/mold_test"

# Whom the kernel ends first when memory runs out: a worker, then its mold, never the master.
class MoldVictimTest < MoldTest
  MAX = 1000

  def test_a_worker_goes_before_its_mold_and_the_mold_before_the_master
    boot
    worker = @master.spawn.greet

    assert_equal [own, above(100), above(200)], [own, value(@master.pid), value(worker.pid)]
  end

  def test_a_worker_without_a_mold_stands_as_high
    @stage.app("")
    worker = @master.start_standalone.greet

    assert_equal above(200), value(worker.pid)
  end

  def test_what_is_inherited_is_the_base_and_the_largest_value_the_end
    skip "no choom to raise it with" unless system("choom", "--version", %i[out err] => File::NULL)
    [[own + 50, own + 150, own + 250], [850, 950, MAX], [MAX, MAX, MAX]].each do |base, mold, worker|
      next if base < own || base > MAX

      @stage.app("")
      master = MoldMaster.new(@stage)
      master.start(prefix: ["choom", "-n", base.to_s, "--"])
      master.ready
      assert_equal [mold, worker], [value(master.pid), value(master.spawn.greet.pid)]
      master.link.close
    end
  end

  def test_a_programs_own_value_is_never_lowered
    boot("File.write('/proc/self/oom_score_adj', '#{MAX}')")

    assert_equal [MAX, MAX], [value(@master.pid), value(@master.spawn.greet.pid)]
  end

  private

  def value(pid)
    Integer(File.read("/proc/#{pid}/oom_score_adj"))
  end

  def own
    value(Process.pid)
  end

  def above(number)
    [own + number, MAX].min
  end
end
