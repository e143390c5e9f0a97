# frozen_string_literal: true

require "fileutils"
require "json"
require "open3"
require "securerandom"

require_relative "../../support/deadline"
require_relative "event_line"
require_relative "process_table"

# One running `swarm`, its log, and everything it started. It runs in a session of its own, so that what is
# left behind is found whoever its parent is; only processes of that session are ever signalled.
class Service
  ROOT = File.expand_path("../../..", __dir__)
  BINARY = File.expand_path(ENV.fetch("SWARM_BIN", "build/bin/swarm"), ROOT)
  # Generous: a machine may be slow, and other work may run beside.
  EVENT_S = 120
  EXIT_S = 60
  GONE_S = 30

  # What the master, Ruby or a fixture would read from the caller's environment.
  FORGOTTEN = /\A(SWARM_|SIDEKIQ_|PLAIN_|BOOKSHOP_|REDIS_|RAILS_|RACK_ENV|APP_ENV|INDEX|COUNT|DYNO|NOTIFY_SOCKET|
                  WATCHDOG_|RUNTIME_DIRECTORY|XDG_RUNTIME_DIR|LISTEN_|JOURNAL_STREAM)/x

  attr_reader :pid, :control, :log_path, :exit_status

  # folder     where it runs and keeps its log and control socket
  # arguments  of swarm, behind --control
  # env        on top of the test's; nil unsets
  # base_env   the environment to begin with: this test's own, which is that of `bundle exec`
  # command    what comes before the arguments
  def initialize(folder:, arguments: [], env: {}, base_env: ENV.to_h, command: [BINARY])
    @folder = folder
    @arguments = arguments
    @mark = "SWARM_TEST_ID=#{SecureRandom.uuid}"
    @env = base_env.reject { |name, _| FORGOTTEN.match?(name) }.merge(env).compact
    @command = command
    @log_path = File.join(folder, "swarm-#{SecureRandom.hex(4)}.log")
    @control = File.join(folder, "swarm.sock")
  end

  # Starts it. Returns itself; nothing is ready yet. The test's death ends the master.
  def start
    name, value = @mark.split("=")
    @pid = Process.spawn(@env.merge(name => value), "setpriv", "--pdeathsig", "TERM", "setsid", *@command,
                         "--control", @control, *@arguments,
                         in: File::NULL, out: @log_path, err: %i[child out], chdir: @folder, unsetenv_others: true,
                         rlimit_core: 0)
    self
  end

  # Everything the service and its workers printed.
  def log
    File.read(@log_path, encoding: "UTF-8").scrub
  rescue Errno::ENOENT
    ""
  end

  # All events so far, in order; with a name and keys: those.
  def events(name = nil, **keys)
    all = log.each_line.filter_map { |line| EventLine.parse(line) }
    name ? all.select { |event| event.is?(name, keys) } : all
  end

  # Waits until so many such events stand in the log and returns the last of them. Raises at once if the
  # master leaves first.
  def wait_for_event(name, count: 1, seconds: EVENT_S, **keys)
    wait("#{count} event=#{name} #{keys}", seconds) { found(name, keys, count) }
  end

  # Waits until each of the slots has a ready worker; returns their pids by slot.
  def wait_until_ready(processes)
    wait("#{processes} ready workers", EVENT_S) do
      ready_workers.size >= processes && ready_workers
    end
  end

  # The pid of the last ready worker by slot.
  def ready_workers
    events("worker_ready").to_h { |event| [event.number(:slot), event.number(:pid)] }
  end

  # Waits for a fact about the service. Raises at once if the master has left without it.
  def wait(what, seconds = EVENT_S)
    Deadline.wait(what, within: seconds) do
      left = left?
      yield || (left && raise(Deadline::Missed, "swarm has left (#{@exit_status}), without #{what}"))
    end
  end

  # What `swarm status --json` tells.
  def status
    output, status = verb("status", "--json")
    raise "swarm status failed (#{status.exitstatus}): #{output}" unless status.success?

    JSON.parse(output)
  end

  # Runs `swarm VERB ...` for this service. Returns its output (both streams) and its status.
  def verb(*words)
    Open3.capture2e(@env, BINARY, *words, "--control", @control, stdin_data: "", chdir: @folder, unsetenv_others: true)
  end

  # Signals the master.
  def signal(name)
    Process.kill(name, @pid) unless left?
  end

  # Signals one of the service's own processes, found by its pid. Returns false where it is gone.
  def signal_process(pid, name)
    return false unless processes.any? { |entry| entry.pid == pid }

    Process.kill(name, pid)
    true
  rescue Errno::ESRCH
    false
  end

  # The processes that live, the master among them; zombies are left out.
  def processes
    ProcessTable.belonging_to(@pid, @mark).reject { |entry| entry.state == "Z" }
  end

  # True once the master has left; exit_status is then known.
  def left?
    return true if @exit_status

    _, @exit_status = Process.wait2(@pid, Process::WNOHANG)
    !@exit_status.nil?
  end

  # Waits for the master's end and returns its status.
  def wait_for_exit(seconds = EXIT_S)
    Deadline.wait("the end of swarm", within: seconds) { left? }
    @exit_status
  end

  # Waits until nothing that the service started is alive.
  def wait_until_all_gone(seconds = GONE_S)
    Deadline.wait(-> { "the end of #{processes.map(&:pid).inspect}" }, within: seconds) { processes.empty? }
  end

  # Asks it to leave and returns its status once everything is gone.
  def stop(signal_name = :TERM)
    signal(signal_name)
    wait_for_exit
    wait_until_all_gone
    @exit_status
  end

  # Ends whatever is left, by force. Returns the pids that had outlived the master.
  def destroy
    return [] unless @pid

    strays = left? ? processes.map(&:pid) : []
    force until quiet?
    strays
  end

  private

  def found(name, keys, count)
    seen = events(name, **keys)
    seen.last if seen.size >= count
  end

  def quiet?
    left? && processes.empty?
  end

  # The master first: it must not replace what follows.
  def force
    Process.kill(:KILL, @pid) unless left?
    Deadline.wait("the end of a killed master", within: GONE_S) { left? }
    processes.each { |entry| signal_process(entry.pid, :KILL) }
    sleep Deadline::PAUSE_S
  end
end
