# frozen_string_literal: true

require_relative "support/integration_test"

# FS-25: sizes that do not fit into 31 or 32 bits, in a real worker. It maps one small file again and again: each
# mapping counts in its RSS, while the machine gives the memory once.
class LargeFiguresTest < IntegrationTest
  GIB = 1 << 30
  FILE_BYTES = 64 << 20
  # mmap(2): PROT_READ; MAP_SHARED and MAP_POPULATE.
  APPLICATION = <<~RUBY
    require "#{IntegrationTest::PLAIN}"
    require "fiddle"

    class MapJob
      include Sidekiq::Job

      MMAP = Fiddle::Function.new(Fiddle.dlopen(nil)["mmap"],
                                  [Fiddle::TYPE_VOIDP, Fiddle::TYPE_SIZE_T, Fiddle::TYPE_INT, Fiddle::TYPE_INT,
                                   Fiddle::TYPE_INT, Fiddle::TYPE_LONG], Fiddle::TYPE_INTPTR_T)

      def perform(path, times)
        file = File.open(path)
        times.times do
          raise "mmap failed" if MMAP.call(nil, file.size, 1, 0x8001, file.fileno, 0) == -1
        end
        Sidekiq.redis { |redis| redis.call("INCR", "mapped") }
      end
    end
  RUBY

  [3, 5].each do |gib|
    define_method("test_fs_25_#{gib}_gib_of_rss_are_read_right") do
      service = start
      map(service, gib)
      rss = service.status.dig("slots", 0, "workers", 0, "rss_bytes")

      assert_includes ((gib * GIB)..((gib + 1) * GIB)), rss
      assert_stops service
    end
  end

  def test_fs_25_a_limit_above_4_gib_is_compared_right
    service = start("--max-rss", "5G", "--check-interval", "0.2")
    old = service.ready_workers.fetch(0)
    map(service, 6)
    recycle = service.wait_for_event("recycle", pid: old)

    assert_equal 5 * GIB / 1024, recycle.number(:limit_kib)
    # The check may have come while the job was at it.
    assert_includes ((5 * GIB / 1024)..(7 * GIB / 1024)), recycle.number(:rss_kib)
    service.wait_for_event("worker_gone", pid: old, reason: "rss")
    assert_stops service
  end

  private

  def start(*more)
    swarm("--processes", 1, *more, "-r", write_application(APPLICATION)).tap { |service| service.wait_until_ready(1) }
  end

  # Lets a job map that much.
  def map(service, gib)
    path = File.join(folder, "mapped")
    File.open(path, "wb") { |file| file.write("\1" * FILE_BYTES) }
    redis.enqueue("MapJob", path, gib * GIB / FILE_BYTES)
    wait_for_count(service, "mapped", 1)
  end
end
