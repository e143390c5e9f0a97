# frozen_string_literal: true

# What came of a soak: tables, sentences, and what is wrong. Pure: reads what the others have gathered.
class SoakReport
  # What a `recycle` line must tell, by its reason: the figure and the bound that it nears or has reached.
  FIGURES = { "rss" => %i[rss_kib limit_kib], "kill_rss" => %i[rss_kib limit_kib], "uss" => %i[uss_kib limit_kib],
              "total" => %i[total_kib limit_kib], "jobs" => %i[done limit_jobs], "age" => %i[age_s limit_s] }.freeze
  # Of several workers that near a limit together the first goes early, and the total acts while a successor has room.
  EARLY = 0.9
  MIB = 1024.0
  SHOWN = 10

  # seconds, ledger, account (of the Ledger), log (a LogFollower), killer, master (MasterFigures), exit_status of the
  # service
  def initialize(**books)
    @books = books
  end

  # [head, rows] each.
  def tables
    [[["jobs", ""], job_rows], [["deaths and recycles", ""], death_rows], [["master", "start", "end"], master_rows]]
  end

  def lines
    ["Recycles by reason: #{tally(recycles.map { |event| event[:reason] })}.",
     "Ends unasked by signal or code: #{tally(events("worker_lost").map { |event| event[:signal] || event[:code] })}."]
  end

  # Sentences; empty when everything is as it must be.
  def wrongs
    lost_jobs + doubled_jobs + unexplained_recycles + unexplained_deaths + master_wrongs
  end

  private

  def account
    @books.fetch(:account)
  end

  def job_rows
    [["sent", account.sent], ["done", account.done], ["in their queue at the end", account.waiting.size],
     ["failed by themselves", account.failed.size],
     ["at work in a killed worker, named by its line", account.killed.size],
     ["on their way from Redis to a worker that was killed", account.on_the_way.size],
     ["done twice, after Sidekiq had pushed them back", account.pushed.size],
     ["lost otherwise", account.lost.size], ["done twice otherwise", account.twice.size]]
  end

  def death_rows
    counts = @books.fetch(:killer).counts
    [["workers signalled: KILL, SEGV, TERM, STOP", counts.values_at(:KILL, :SEGV, :TERM, :STOP).join(", ")],
     ["molds killed", counts[:mold]],
     ["workers that ended unasked", events("worker_lost").size],
     ["recycles", recycles.size],
     ["KILLs by swarm", events("worker_kill").size]]
  end

  def master_rows
    first, last = @books.fetch(:master).quarters
    master = @books.fetch(:master)
    [["RSS, median of the first and the last quarter", mib(first), mib(last)],
     ["descriptors", master.start_descriptors.values.sum, master.end_descriptors.values.sum]]
  end

  def lost_jobs
    account.lost.first(SHOWN).map { |jid| "lost: #{@books.fetch(:ledger).story(jid)}" } + more(account.lost)
  end

  def doubled_jobs
    account.twice.first(SHOWN).map { |jid| "done twice: #{@books.fetch(:ledger).story(jid)}" } + more(account.twice)
  end

  def more(list)
    list.size > SHOWN ? ["and #{list.size - SHOWN} more"] : []
  end

  def unexplained_recycles
    recycles.reject { |event| explained?(event) }.map { |event| "a recycle without its reason: #{event.line}" }
  end

  def explained?(event)
    figure, bound = FIGURES.fetch(event[:reason], []).map { |key| event[key]&.to_i }
    !figure.nil? && !bound.nil? && figure >= bound * EARLY
  end

  # A worker ends unasked only because this soak signalled it.
  def unexplained_deaths
    victims = @books.fetch(:killer).victims
    events("worker_lost").reject { |event| victims.include?(event[:pid].to_i) }
                         .map { |event| "a worker ended, and nobody had signalled it: #{event.line}" }
  end

  def master_wrongs
    master = @books.fetch(:master)
    wrongs = []
    wrongs << "the service left with #{@books.fetch(:exit_status)}" unless @books.fetch(:exit_status).success?
    wrongs << "the master grew: #{master.quarters.join(" → ")} KiB" unless master.flat?
    wrongs << "more descriptors than at the start: #{master.leaked_descriptors}" if master.leaked_descriptors.any?
    wrongs
  end

  def recycles
    events("recycle")
  end

  def events(name)
    @books.fetch(:log).events(name)
  end

  def tally(list)
    list.empty? ? "none" : list.tally.sort_by { |_, count| -count }.map { |name, count| "#{name} #{count}" }.join(", ")
  end

  def mib(kib)
    format("%.2f MB", kib / MIB)
  end
end
