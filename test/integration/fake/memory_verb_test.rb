# frozen_string_literal: true

require_relative "support/limits_case"

# memory_verb_test.rb: `swarm memory`: what is shared, what it would cost otherwise, and where one process's memory is.
class MemoryVerbTest < LimitsCase
  # What malloc has where contents may be read, and what cannot be told apart where not.
  ANONYMOUS = %w[malloc anonymous].freeze

  def test_the_page_shows_each_process_the_total_and_an_estimate
    master, before = start_sharing
    page, code = master.verb("memory")
    assert_equal 0, code, page
    assert_match(/^SLOT +STATE +PID +AGE +RSS +SHARED +PRIVATE/, page)
    assert_match(/^mold +ready +#{master.mold_pid} /, page)
    before.each { |slot, pid| assert_match(/^#{slot} +ready +#{pid} .* +1?\d\d% +\S+ +0$/, page) }
    assert_match(/^all +/, page)
    assert_match(/^2 workers and the mold take \S+ \(the sum of PSS/, page)
    assert_match(/^2 separate processes would take about ~\S+ \(estimated: one takes \S+/, page)
    assert_match(/^So sharing saves about ~\S+, \d+% \(estimated\)\.$/, page)
    assert_operator page.lines.map { |line| line.chomp.size }.max, :<=, 80
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_what_separate_processes_would_take_follows_the_mold_and_what_workers_grow
    master, before = start_sharing
    sharing = memory(master)["sharing"]
    assert_equal ["mold", 2, true], sharing.values_at("standalone_basis", "workers", "prefork")
    assert_operator sharing["standalone_boot_bytes"], :>=, 100 * MIB
    assert_operator sharing["separate_bytes"], :>=, 2 * 100 * MIB
    before.each_value { |pid| eat(pid, 30) }
    grown = wait_sharing(master, "growth") { |answer| answer["standalone_growth_bytes"] >= 29 * MIB }
    assert_equal sharing["standalone_boot_bytes"], grown["standalone_boot_bytes"]
    assert_operator grown["separate_bytes"], :>=, 2 * 129 * MIB
    total = Deadline.wait("PSS that was read anew") do
      memory(master)["totals"]["pss_bytes"]&.then { |bytes| bytes if bytes >= 150 * MIB }
    end
    assert_operator total, :<, grown["separate_bytes"]
    assert_clean_stop(master)
  end

  def test_what_a_worker_shared_at_first_is_known_and_kept
    master, before = start_sharing
    worker = wait_worker(master, 0, "its first figures") { |found| found["fresh_shared_bytes"] }
    assert_operator worker["fresh_shared_bytes"], :>=, 100 * MIB
    assert_operator worker["retained_percent"], :>=, 90
    assert_operator worker["retained_percent"], :<=, 100
    # Its own memory is no loss of what it shares.
    eat(before[0], 50)
    later = wait_worker(master, 0, "its growth") { |found| found["uss_bytes"].to_i > 50 * MIB }
    first, again = [worker, later].map { |found| found.values_at("fresh_shared_bytes", "fresh_jobs") }
    assert_equal first, again
    assert_operator later["retained_percent"], :>=, 90
    assert_clean_stop(master)
  end

  def test_json_has_the_same_figures_as_the_status
    master, before = start_sharing
    answer = memory(master)
    assert_equal before.values, answer["slots"].map { |slot| slot["workers"].first["pid"] }
    assert_equal [master.mold_pid], answer["molds"].map { |mold| mold["pid"] }
    status = master.status
    assert_equal status["sharing"].keys, answer["sharing"].keys
    before.each { |slot, pid| assert_equal start_ticks(pid), current(status, slot)["start_ticks"] }
    assert_clean_stop(master)
  end

  def test_a_map_tells_where_the_private_memory_is
    master, before = start_sharing
    eat(before[1], 40)
    page, code = master.verb("memory", "--map", "1")
    assert_equal 0, code, page
    assert_match(/\ASlot 1: worker #{before[1]}, generation 1\.\n\n/, page)
    assert_match(/^KIND +RESIDENT +PRIVATE +SHARED +SWAP +OF PRIVATE$/, page)
    answer = map(master, 1)
    assert_equal [before[1], 1, 1], answer.values_at("pid", "slot", "generation")
    assert_equal start_ticks(before[1]), answer["start_ticks"]
    assert_operator anonymous(answer, "private_bytes"), :>=, 40 * MIB
    assert_operator anonymous(answer, "shared_bytes"), :>=, 100 * MIB
    assert_operator anonymous(map(master, 0), "private_bytes"), :<, 40 * MIB
    assert_operator answer["total"]["resident_bytes"], :>=, 140 * MIB
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a_map_of_the_mold
    master, = start_sharing
    page, code = master.verb("memory", "--map=mold")
    assert_equal [0, "Mold: process #{master.mold_pid}, generation 1."], [code, page.lines.first.chomp]
    answer = map(master, "mold")
    assert_equal [master.mold_pid, nil], answer.values_at("pid", "slot")
    assert_operator anonymous(answer, "resident_bytes"), :>=, 100 * MIB
    assert_clean_stop(master)
  end

  def test_bad_words_are_refused_with_a_remedy
    master, = start_running
    refused = {
      ["--map"] => /--map needs a value: a slot's number, or mold/,
      ["--map", "--json"] => /--map needs a value/,
      ["--map="] => /--map needs a value/,
      ["--map", "x"] => /--map wants a slot's number, or mold, and not "x"/,
      ["--map", "-1"] => /not "-1"/,
      ["--map", "1\e[2J"] => /not "1\?\[2J"/,
      ["--map", "99999999999999999999"] => /wants a slot's number/,
      ["--map", "99"] => /no slot "99": slots are 0 to 1/,
      ["--map", "0", "--map", "1"] => /--map is given twice/,
      ["1"] => /one word too many/,
      ["--classes"] => /not an option of swarm memory/,
      ["--json=yes"] => /takes no value/
    }
    refused.each do |words, text|
      output, code = master.verb("memory", *words)
      assert_equal 64, code, "#{words}: #{output}"
      assert_match(text, output)
    end
    assert_clean_stop(master)
  end

  def test_without_a_service_it_says_where_it_looked
    master, = start_running
    assert_clean_stop(master)
    [%w[memory], %w[memory --map 0], %w[memory --map mold --json]].each do |words|
      output, code = master.verb(*words)
      assert_equal 69, code, output
      assert_match(/no swarm runs here \(socket #{Regexp.escape(master.control_path)}/, output)
    end
  end

  def test_a_slot_without_a_worker_has_no_map
    orders.set("always mold boot eat 1")
    master, before = start_running
    orders.set("always mold spawn errno ENOMEM")
    Process.kill(:KILL, before[0])
    master.wait_end(before[0])
    output, code = master.verb("memory", "--map", "0")
    assert_equal 69, code, output
    assert_match(/no worker now|just begins/, output)
    orders.set
    # The last failure of fork may have to be waited for.
    master.wait_for("worker_run", slot: 0, after: master.wait_end(before[0]), within: 60)
    assert_equal 0, master.verb("memory", "--map", "0").last
    assert_clean_stop(master)
  end

  def test_a_spare_has_a_row_and_a_map_of_its_own_and_is_no_capacity
    orders.set("always mold boot eat 100")
    master, before = start_running("--spare", "1")
    status = master.wait_status("the spare at its gate") { |answer| current(answer, 2)&.fetch("state") == "waiting" }
    spare = current(status, 2)
    assert_equal([false, false, true], status["slots"].map { |slot| slot["spare"] })
    assert_equal [true, 2], [spare["spare"], status["totals"]["ready"]]
    sharing = wait_sharing(master, "figures of all") { |answer| answer["retained_percent"] }
    assert_equal 2, sharing["workers"]
    page, = master.verb("memory")
    assert_match(/^spare +waiting +#{spare["pid"]} /, page)
    assert_match(/^2 workers, 1 spare and the mold take /, page)
    assert_match(/^spare +waiting +#{spare["pid"]} /, master.verb("status").first)
    assert_equal spare["pid"], map(master, 2)["pid"]
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_without_a_mold_nothing_is_said_to_be_shared
    master, = start_running("--no-prefork")
    answer = memory(master)
    assert_equal [false, "workers"], answer["sharing"].values_at("prefork", "standalone_basis")
    assert_nil answer["sharing"]["retained_percent"]
    assert_equal([[nil, nil]] * 2, answer["slots"].map do |slot|
      slot["workers"].first.values_at("fresh_shared_bytes", "retained_percent")
    end)
    page, = master.verb("memory")
    assert_match(/^Nothing is forked here \(--no-prefork\)/, page)
    output, code = master.verb("memory", "--map", "mold")
    assert_equal [69, "swarm: there is no mold now: see `swarm status`\n"], [code, output]
    assert_clean_stop(master)
  end

  private

  def start_sharing
    orders.set("always mold boot eat 100")
    start_running
  end

  def memory(master, *words)
    output, code = master.verb("memory", "--json", *words)
    assert_equal 0, code, output
    JSON.parse(output)
  end

  def map(master, place)
    memory(master, "--map", place.to_s)
  end

  def wait_sharing(master, what)
    Deadline.wait(what, within: 30) do
      sharing = memory(master)["sharing"]
      sharing if yield(sharing)
    end
  end

  def anonymous(answer, key)
    answer["kinds"].select { |kind| ANONYMOUS.include?(kind["kind"]) }.sum { |kind| kind[key] }
  end

  # The 22nd number of its stat, behind a name that may hold anything.
  def start_ticks(pid)
    File.read("/proc/#{pid}/stat").rpartition(") ").last.split[19].to_i
  end
end
