# frozen_string_literal: true

require "json"
require_relative "support/limits_case"

# rules_test.rb: the operator's own rules, [[rule]] of the file, by the real master: each figure, what is done, and
# when it is over.
class RulesTest < LimitsCase
  WHEN = { "rss" => "rss > 60M", "pss" => "pss > 60 MB", "uss" => "uss >= 60M", "total" => "total > 150M",
           "cpu" => "cpu > 5%", "jobs" => "jobs >= 20", "age" => "age >= 1s", "job_age" => "job_age > 1" }.freeze

  def test_e2_each_figure_has_its_rule
    WHEN.each { |figure, text| rule(name: "my #{figure}", when: text) }
    master, before = start_running(*QUICK, "--max-rss", "500M")
    pid = before[0]
    orders.set("1 pid.#{pid} idle child eat 100", "1 pid.#{pid} jobs done 20 Work", "always pid.#{pid} idle spin",
               "always pid.#{pid} idle eat 100", "always pid.#{pid} job LongJob long1")
    WHEN.each do |figure, text|
      fired = master.wait_for("rule_fired", pid: pid, rule: "my #{figure}")
      assert_equal ["log", figure], [fired[:then], fired[:when][/\A\w+/]], text
    end
    figures = /my (rss|pss|uss|total|jobs|job_age)/
    assert_empty master.log.select("rule_fired", pid: before[1], rule: figures).map(&:line)
    assert_empty master.log.select("recycle").map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  # `if totalmem > 800 MB for 5 cycles then restart` of a monitrc.
  def test_fs_12_a_worker_whose_programs_are_large_is_replaced_and_they_end_with_it
    rule(name: "tree", when: "total > 80 MB", for: "5 cycles", then: "recycle")
    master, before = start_running(*QUICK)
    orders.set("1 pid.#{before[0]} idle child eat 100")
    child = wait_journal("ate", slot: 0, number: 100)["pid"].to_i
    refute_equal before[0], child
    fired = master.wait_for("rule_fired", pid: before[0])
    assert_equal ["tree", "recycle", 0], [fired[:rule], fired[:then], fired.slot]
    recycle = master.wait_for("recycle", pid: before[0])
    assert_equal %w[rule tree], [recycle[:reason], recycle[:rule]]
    gone = master.wait_end(before[0])
    assert_equal %w[rule 0], [gone[:reason], gone[:code]]
    wait_gone(child)
    assert_equal 2, master.smallest_capacity(2)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_a_rule_runs_a_program_when_it_holds_and_another_when_it_is_over
    fired, over = %w[fired over].map { |name| File.join(folder, name) }
    rule(name: "big", when: "rss > 60M", exec: tell(fired), else_exec: tell(over))
    master, before = start_running(*QUICK)
    eat(before[1], 100)
    told = read_json(fired)
    assert_equal ["big", "fired", 1, 1, before[1]], told.values_at("rule", "state", "slot", "generation", "pid")
    assert_operator told["rss_bytes"], :>, 60 * MIB
    assert_equal told["when"], master.wait_for("rule_fired", pid: before[1])[:when]
    eat(before[1], 1)
    master.wait_for("rule_over", pid: before[1], rule: "big")
    told = read_json(over)
    assert_equal ["big", "recovered", before[1]], told.values_at("rule", "state", "pid")
    assert_equal [1, 1], %w[rule_fired rule_over].map { |name| master.log.select(name, rule: "big").size }
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a_program_that_fails_is_told_and_hurts_nobody
    rule(name: "bad", when: "jobs >= 1", exec: %w[false])
    rule(name: "missing", when: "jobs >= 1", exec: ["/nowhere/at/all"])
    master, before = start_running(*QUICK)
    orders.set("1 pid.#{before[0]} jobs done 1 Work")
    master.wait_for("warning", msg: /program of rule bad failed \(code 1\)/)
    master.wait_for("warning", msg: /program of rule missing could not be started/)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_n_of_m_cycles_and_recovery_over_a_whole_window
    rule(name: "often", when: "rss > 60M", for: "3 of 5", then: "log", else: "log")
    master, before = start_running(*QUICK)
    eat(before[0], 100)
    fired = master.wait_for("rule_fired", pid: before[0], rule: "often")
    assert_match(/3 of 5 cycles/, fired[:when])
    eat(before[0], 1)
    over = master.wait_for("rule_over", pid: before[0], rule: "often")
    eat(before[0], 100)
    master.wait_for("rule_fired", pid: before[0], rule: "often", after: over)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a_rule_recycles_one_worker_after_the_other
    rule(name: "big", when: "uss > 60M", then: "recycle")
    master, before = start_running(*QUICK, processes: 3)
    orders.set(*before.values.map { |pid| "always pid.#{pid} idle eat 100" })
    before.each_value { |pid| assert_equal "rule", master.wait_end(pid)[:reason] }
    before.each_value { |pid| assert_equal 1, master.log.select("rule_fired", pid: pid, rule: "big").size }
    assert_equal [1, 3], [most_recycled(master), master.smallest_capacity(3)]
    assert_clean_stop(master)
  end

  def test_a_dry_run_keeps_rules_from_recycling
    rule(name: "big", when: "rss > 60M", then: "recycle")
    master, before = start_running(*QUICK, "--dry-run-limits")
    eat(before[0], 100)
    master.wait_for("rule_fired", pid: before[0], rule: "big")
    pass_cycles(master, before[0])
    assert_empty master.log.select("recycle").map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  private

  # A program that keeps what it reads.
  def tell(path)
    ["sh", "-c", 'cat > "$0.part" && mv "$0.part" "$0"', path]
  end

  def read_json(path)
    Deadline.wait("what the program read") { File.exist?(path) }
    JSON.parse(File.read(path))
  end
end
