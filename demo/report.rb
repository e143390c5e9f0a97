# frozen_string_literal: true

# What the demonstration prints: plain text of at most 80 columns, to standard output. Knows no process.
class Report
  MIB = 1024.0
  RECYCLES_SHOWN = 12

  def title(processes)
    puts
    puts "swarm: #{processes} Sidekiq workers as one service, with a memory limit"
    puts
  end

  # One step of the preparation.
  def part(name, text)
    puts format("  %-12s %s", name, text)
  end

  def command(line)
    puts
    puts "$ #{line}"
    puts
  end

  # PSS in KiB after the boot and after the first jobs, nil where it is not known.
  def separate(idle_kib = nil, worked_kib = nil)
    @separate = [idle_kib, worked_kib]
  end

  def swarm(idle_kib, worked_kib)
    @swarm = [idle_kib, worked_kib]
  end

  def begin_progress
    puts "  time      jobs sent      done   fetching   largest worker   recycled"
  end

  def progress(seconds:, sent:, done:, watch:, processes:)
    puts format("  %3d s  %12d %9d   %8s   %11d MB   %8d", seconds, sent, done, "#{watch.fetching} of #{processes}",
                watch.largest_now_kib / MIB, watch.recycles.size)
  end

  def results(shop:, watch:, least:, processes:, warm_jobs:)
    jobs(shop)
    recycles(watch.recycles)
    workers(watch, least, processes)
    memory(processes, warm_jobs)
  end

  # 0 if no job was lost.
  def verdict
    puts
    puts @lost.zero? ? "No job was lost." : "#{@lost} jobs were lost."
    puts
    @lost.zero? ? 0 : 1
  end

  private

  def heading(text)
    puts
    puts text
  end

  def jobs(shop)
    counts = { "counted in Redis" => shop.count_in_redis, "counted in the shop's database" => shop.count_in_database }
    @lost = counts.values.map(&:lost).max
    heading format("%-34s %6s  %6s  %6s  %11s", "Jobs", "sent", "done", "lost", "done twice")
    counts.each do |name, count|
      puts format("  %-32s %6d  %6d  %6d  %11d", name, count.sent, count.done, count.lost, count.twice)
    end
    puts "  orders shipped: #{shop.orders_shipped} of #{shop.orders}, copies taken from the stock: #{shop.copies_taken}"
    puts "  #{shop.waiting.size} still wait in their queues: the time was over" if shop.waiting.any?
  end

  def recycles(list)
    heading format("%-34s %10s  %8s  %13s", "Recycles", "RSS before", "after", "successor in")
    list.first(RECYCLES_SHOWN).each do |each|
      puts format("  at %3d s  slot %d  %-15s %7d MB  %5s MB  %13s", each.at, each.slot, work(each), each.rss_kib / MIB,
                  each.successor_kib ? (each.successor_kib / 1024) : "-", span(each))
    end
    puts "  none" if list.empty?
    puts "  and #{list.size - RECYCLES_SHOWN} more" if list.size > RECYCLES_SHOWN
  end

  def work(recycle)
    recycle.done ? "#{recycle.done} jobs" : ""
  end

  def span(recycle)
    recycle.ready_at ? format("%d ms", (recycle.ready_at - recycle.at) * 1000) : "-"
  end

  def workers(watch, least, processes)
    heading "Workers that fetch"
    puts "  never fewer than #{least} of #{processes}, by #{watch.samples} looks at `swarm status --json` and"
    puts "  #{watch.events} events of the log, from the moment when all were ready"
  end

  def memory(processes, warm_jobs)
    heading format("%-34s %10s   %s", "Memory of the whole (PSS)", "after boot", "after #{warm_jobs} jobs")
    memory_row("#{processes} separate Sidekiqs", @separate)
    memory_row("swarm: master, mold, #{processes} workers", @swarm)
    shares = @swarm.zip(@separate).map { |ours, theirs| theirs ? "#{(100.0 * ours / theirs).round} %" : "-" }
    puts format("  %-32s %10s   %10s", "swarm needs", *shares)
  end

  def memory_row(name, kib)
    puts format("  %-32s %10s   %10s", name, *kib.map { |size| size ? "#{size / 1024} MB" : "-" })
  end
end
