# frozen_string_literal: true

require_relative "support/limits_case"

# rollup_test.rb: a machine that does not tell PSS and USS (FS-23), or takes long to (FS-24).
class RollupTest < LimitsCase
  TROUBLE = File.join(__dir__, "support", "rollup_trouble.c")
  DELAY_MS = 150
  # So many percent of the time may be readings: after each, nine times as long nobody is read.
  PERCENT = 10

  def test_fs_23_figures_that_cannot_be_read_are_told_once_and_recycle_nobody
    need_calm
    limits = ["--max-rss", "150M", "--max-uss", "60M", "--kill-pss", "60M", "--max-total", "180M"]
    master, before = start_running(*QUICK, *limits, environment: trouble("ROLLUP_REFUSED" => "1"))
    before.each_value { |pid| eat(pid, 100) }
    told = master.wait_for("memory_unknown")
    assert_equal "pss, uss", told[:what]
    pass_cycles(master, before[0])
    figures = current(master.status, 0)
    assert_equal [nil, nil, true], [*figures.values_at("pss_bytes", "uss_bytes"), figures["rss_bytes"] > 100 * MIB]
    assert_nil master.status["group"]["total_bytes"]
    assert_equal(1, master.log.select("memory_unknown").size)
    assert_empty master.log.select(%w[recycle worker_term limit_reached limit_too_low late]).map(&:line)
    assert_untouched(master, before)
    # RSS is known, and so are its limits.
    eat(before[0], 200)
    assert_equal [before[0], "rss"], master.wait_for("recycle").then { |event| [event.pid, event[:reason]] }
    master.wait_end(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_24_slow_readings_keep_their_share_of_the_time_and_delay_no_replacement
    master, before = start_running("--check-interval", "0.2", "--max-uss", "60M", "--rollup-percent", PERCENT.to_s,
                                   processes: 3, environment: trouble("ROLLUP_DELAY_MS" => DELAY_MS.to_s))
    # So near the limit both are to be read in each cycle.
    before.values_at(0, 1).each { |pid| eat(pid, 55) }
    seen = reads(before).size
    Deadline.wait("two readings") { reads(before).size >= seen + 2 }
    # In the middle of one of them, as a rule.
    ending = master.kill_and_wait(before[2])
    assert_equal "crashed", ending[:reason]
    Deadline.wait("two more readings") { reads(before).size >= seen + 4 }
    gaps = reads(before).drop(seen).map(&:last).each_cons(2).map { |one, other| other - one }
    assert_operator gaps.min, :>=, DELAY_MS * (100 - PERCENT) / PERCENT
    assert_operator current(master.status, 0)["private_age_s"], :<, 30
    assert_empty master.log.select(%w[recycle late]).map(&:line)
    assert_untouched(master, before, changed: [2])
    assert_clean_stop(master)
  end

  # What sharing retained is compared with; nobody asked for it, and no limit needs it.
  def test_what_workers_share_at_first_is_read_without_a_limit
    master, before = start_unwatched
    wait_read(before)
    orders.set("1 pid.#{before[0]} jobs done 7 LateJob")
    done = wait_worker(master, 0, "jobs done after that") { |worker| worker["done"] == 7 }
    assert_equal 0, done["fresh_jobs"]
    assert_operator done["fresh_shared_bytes"], :>, 0
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_first_readings_that_are_refused_are_no_news_where_nothing_needs_them
    master, before = start_unwatched("ROLLUP_REFUSED" => "1")
    wait_read(before)
    assert_empty master.log.select("memory_unknown").map(&:line)
    worker = current(master.status, 0)
    assert_equal([nil] * 4, worker.values_at("pss_bytes", "fresh_shared_bytes", "fresh_jobs", "retained_percent"))
    page, code = master.verb("memory")
    assert_equal 0, code, page
    assert_match(/^What 2 workers and the mold take together is not known/, page)
    assert_clean_stop(master)
  end

  private

  # Without a rule, too: nothing is looked at but for the sake of looking.
  def start_unwatched(environment = {})
    File.write(File.join(folder, "nothing.toml"), "")
    start_running("--swarm-config", "nothing.toml", environment: trouble(environment))
  end

  # Waits until each worker was read.
  def wait_read(before)
    Deadline.wait("a reading of each worker") { before.values_at(0, 1) - reads(before).map(&:first) == [] }
  end

  # [pid, ms] of each reading of those workers so far.
  def reads(before)
    path = File.join(folder, "reads")
    lines = File.exist?(path) ? File.readlines(path) : []
    lines.map { |line| line.split.map(&:to_i) }.select { |pid, _| before.values_at(0, 1).include?(pid) }
  end

  # Builds the library that is loaded in front of libc. Returns the environment.
  def trouble(environment)
    skip "a sanitizer must be the first library" if File.binread(Master::BINARY).include?("__asan_init")
    library = File.join(folder, "rollup_trouble.so")
    built = system("cc", "-shared", "-fPIC", "-O1", "-o", library, TROUBLE, %i[out err] => File::NULL)
    skip "no C compiler here" unless built
    { "LD_PRELOAD" => library, "ROLLUP_JOURNAL" => File.join(folder, "reads") }.merge(environment)
  end
end
