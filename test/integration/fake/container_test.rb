# frozen_string_literal: true

require "json"
require "open3"
require_relative "support/control_group"
require_relative "support/fake_case"

# container_test.rb: what a container allows decides how many workers there are by default.
class ContainerTest < FakeCase
  PERIOD_US = 100_000

  def teardown
    super
  ensure
    @group&.remove
  end

  def test_a_mask_of_one_core_is_one_worker
    assert_equal [1, "default"], processes_in(*on_cores(1))
  end

  def test_a_mask_of_two_cores_is_two_workers
    need_two_cores
    assert_equal [2, "default"], processes_in(*on_cores(2))
  end

  def test_the_option_stands_above_the_mask
    assert_equal [3, "command line"], processes_in(*on_cores(1), options: ["--processes", "3"])
  end

  def test_a_service_starts_so_many_workers
    master = start(processes: nil, before: on_cores(1))
    assert_equal "1", master.wait_for("starting")[:processes]
    master.wait_running(1)
    assert_clean_stop(master)
  end

  { cpu1: "version 1", cpu2: "version 2" }.each do |kind, version|
    define_method("test_a_quota_of_a_#{version.tr(" ", "_")}_control_group_is_rounded_up") do
      @group = ControlGroup.make(kind) or skip "no #{version} control group with a quota of CPU may be made here"
      @group.set(PERIOD_US / 2)
      assert_equal [1, "default"], processes_in(*in_group)
      need_two_cores
      @group.set(PERIOD_US + 1000)
      assert_equal [2, "default"], processes_in(*in_group)
    end
  end

  private

  # The number of processes and where it comes from, as `swarm config` tells behind that command.
  def processes_in(*before, options: [])
    output, status = Open3.capture2e(ENV.slice(*Master::KEPT), *before, Master::BINARY, "config", "--json", *options,
                                     chdir: folder, unsetenv_others: true, stdin_data: "")
    assert status.success?, output
    JSON.parse(output).dig("options", "processes").values_at("value", "origin")
  end

  def need_two_cores
    skip "only one core may be used here" if processes_in.first < 2
  end

  # The shell moves itself into the group and becomes the command.
  def in_group
    ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', @group.path]
  end

  def on_cores(count)
    skip "taskset is not installed" unless system("taskset", "--version", %i[out err] => File::NULL)
    ["taskset", "--cpu-list", cores.first(count).join(",")]
  end

  # The cores that this test may use, by number (proc(5), Cpus_allowed_list).
  def cores
    File.read("/proc/self/status")[/^Cpus_allowed_list:\s*(\S+)/, 1].split(",").flat_map do |range|
      first, last = range.split("-").map(&:to_i)
      (first..(last || first)).to_a
    end
  end
end
