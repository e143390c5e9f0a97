# frozen_string_literal: true

require_relative "marks_reader"

# Every job that was sent, and what became of it. Compares three books that know nothing of each other: what was sent,
# what the jobs themselves marked in Redis, and whom the master's log names with the workers that were killed.
class Ledger
  # From the fetch of a job to its worker's death: longer than a worker is kept stopped.
  ON_THE_WAY_S = 5

  # killed      not done, and named by the line of the worker that was killed
  # on_the_way  taken from Redis by a worker that was killed before it began them
  # lost        neither; there must be none
  # pushed      done more than once, after Sidekiq had pushed them back
  # twice       done more than once without that; there must be none
  Account = Struct.new(:sent, :done, :waiting, :failed, :killed, :on_the_way, :lost, :pushed, :twice,
                       keyword_init: true)

  attr_reader :sent

  def initialize(redis)
    @redis = redis
    @sent = []
  end

  # Sends one job. Its number is its place in `sent`.
  def send_job(name, *arguments)
    @sent << @redis.enqueue(name, *arguments)
  end

  def waiting
    @redis.call("LLEN", "queue:default")
  end

  # Call it when no worker is left. `log` is a LogFollower.
  def account(log)
    @marks = MarksReader.new(@redis)
    @named = named(log)
    @deaths = deaths(log)
    @queued = @redis.call("LRANGE", "queue:default", 0, -1).to_h { |text| [JSON.parse(text).fetch("jid"), true] }
    kinds = @sent.each_with_index.group_by { |jid, number| kind(jid, number) }
    kinds.transform_values! { |list| list.map(&:first) }
    done = @marks.done.select { |_, times| times.positive? }.keys
    Account.new(sent: @sent.size, done: done.size, **lists(kinds), **repeated)
  end

  # What the log and the marks tell of one job, for a report of what is wrong.
  def story(jid)
    number = @sent.index(jid)
    "#{jid} (job #{number}): #{@marks.story(jid)}; #{@named[jid] ? "named" : "not named"} by the log; fetched about " \
      "#{neighbours(number).map { |time| format("%.3f", time) }.join(" to ")}, nearest death " \
      "#{distance(number)&.round(1) || "none"} s away"
  end

  private

  def lists(kinds)
    %i[waiting failed killed on_the_way lost].to_h { |kind| [kind, kinds.fetch(kind, [])] }
  end

  def kind(jid, number)
    return :done if @marks.done[jid].positive?
    return :waiting if @queued[jid]
    return :failed if @marks.last(jid) == "failed"
    return :killed if @named[jid]

    away = distance(number)
    @marks.last(jid) != "begun" && away && away <= ON_THE_WAY_S ? :on_the_way : :lost
  end

  def repeated
    pushed, twice = @marks.done.select { |_, times| times > 1 }.keys.partition { |jid| @marks.cut?(jid) }
    { pushed: pushed, twice: twice }
  end

  # The ids in the key `jobs` of each line that may tell of a killed worker: "Class:id:seconds", with commas.
  def named(log)
    lines = %w[worker_kill worker_lost worker_gone].flat_map { |name| log.events(name) }
    lines.flat_map { |event| event[:jobs].to_s.split(",") }.to_h { |job| [job.split(":")[-2], true] }
  end

  def deaths(log)
    %w[worker_lost worker_gone].flat_map { |name| log.events(name) }.select { |event| event[:signal] }
                               .map { |event| log.time(event) }
  end

  # Jobs are fetched in the order of their numbers, so the neighbours that were begun tell when this one was fetched.
  def neighbours(number)
    times = [number.downto(0), number.upto(@sent.size - 1)].filter_map do |numbers|
      numbers.lazy.filter_map { |other| @marks.first_begun_s(@sent[other]) }.first
    end
    times.sort
  end

  # Seconds from that time to the nearest death, nil where one of the two is not known.
  def distance(number)
    first, last = neighbours(number).minmax
    first && @deaths.map { |death| [first - death, death - last, 0].max }.min
  end
end
