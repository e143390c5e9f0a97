# frozen_string_literal: true

require_relative "support/integration_test"

# `swarm memory` of real Sidekiqs: a worker that writes to what it shares with its mold, and the map that shows it.
class MemoryVerbTest < IntegrationTest
  MIB = 1 << 20
  SHARED_MIB = 64
  WRITTEN_MIB = 48

  APPLICATION = <<~RUBY
    require "sidekiq"

    BALLAST = "x" * (#{SHARED_MIB} << 20)

    class UnshareJob
      include Sidekiq::Job

      def perform(mib)
        (0...(mib << 20)).step(4096) { |at| BALLAST.setbyte(at, 89) }
        Sidekiq.redis { |redis| redis.call("INCR", "unshared") }
      end
    end
  RUBY

  def test_a_worker_that_writes_to_shared_pages_is_named_and_its_map_shows_where
    service = start
    service.wait("what each worker shares at first") { workers(service).all? { |worker| worker["fresh_shared_bytes"] } }
    assert_operator workers(service).map { |worker| worker["retained_percent"] }.min, :>, 80
    redis.enqueue("UnshareJob", WRITTEN_MIB)
    wait_for_count(service, "unshared", 1)
    slot = service.wait("a worker that shares less") { slot_below(service, 60) }
    page, status = service.verb("memory")

    assert status.success?, page
    assert_match(/^Worker #{slot} shares \d\d% of what it shared after its fork; no other has lost more\./, page)
    assert_operator workers(service)[1 - slot]["retained_percent"], :>, 80
    assert_operator written(service, slot), :>=, WRITTEN_MIB * MIB
    assert_operator written(service, 1 - slot), :<, WRITTEN_MIB * MIB
    assert_stops service
  end

  def test_two_workers_take_less_than_two_processes_would
    service = start
    answer = service.wait("figures of all") { memory(service).then { |found| found if found["totals"]["pss_bytes"] } }
    total = answer["totals"]["pss_bytes"]
    sharing = answer["sharing"]

    assert_equal ["mold", 2], sharing.values_at("standalone_basis", "workers")
    assert_operator sharing["standalone_boot_bytes"], :>, SHARED_MIB * MIB
    assert_operator sharing["separate_bytes"], :>, 2 * SHARED_MIB * MIB
    assert_operator total, :>, SHARED_MIB * MIB
    assert_operator total, :<, sharing["separate_bytes"]
    map = memory(service, "--map", "mold")
    assert_operator map["total"]["shared_bytes"], :>, SHARED_MIB * MIB
    heap = map["kinds"].find { |kind| kind["kind"] == "ruby heap" }
    assert_operator heap["resident_bytes"], :>, 0 if map["content_known"]
    assert_stops service
  end

  private

  def start
    service = swarm("--processes", 2, "-c", 1, "-r", write_application(APPLICATION))
    service.wait_until_ready(2)
    service.wait_for_event("worker_run", count: 2)
    service
  end

  def memory(service, *words)
    output, status = service.verb("memory", "--json", *words)
    assert status.success?, output
    JSON.parse(output)
  end

  # The workers that fill the slots, in the order of these.
  def workers(service)
    memory(service)["slots"].map { |slot| slot["workers"].find { |worker| worker["role"] == "current" } }
  end

  def slot_below(service, percent)
    workers(service).find_index { |worker| worker["retained_percent"].to_f < percent }
  end

  # What Ruby's malloc has alone, or what cannot be told apart where the contents may not be read.
  def written(service, slot)
    kinds = memory(service, "--map", slot.to_s)["kinds"]
    kinds.select { |kind| %w[malloc anonymous].include?(kind["kind"]) }.sum { |kind| kind["private_bytes"] }
  end
end
