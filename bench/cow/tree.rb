# frozen_string_literal: true

require_relative "../support/other"
require_relative "trouble"

module Cow
  # The processes of one way: what was started, who lives. Ends them.
  class Tree
    LAST_LINES = 20

    # commands   command lines, one for each program
    # folder     for logs
    # directory  where the programs run
    # env        their whole environment
    def initialize(commands, folder:, directory:, env:)
      @programs = commands.map do |command|
        Other.new(folder: folder, command: command, env: env, base_env: {}, directory: directory)
      end
      @programs.each(&:start)
    end

    # The processes that live, oldest first.
    def pids
      @programs.flat_map(&:processes).sort_by(&:started).map(&:pid)
    end

    # The pids of what was started, without what that started.
    def programs
      @programs.map(&:pid)
    end

    # Events of swarm's log.
    def events(name)
      @programs.first.events(name)
    end

    # Waits for a fact. Raises Trouble where a program leaves first, or when the time is over.
    def wait(what, seconds)
      Deadline.wait(what, within: seconds) do
        check
        yield
      end
    rescue Deadline::Missed => e
      raise Trouble, "#{e.message}#{log_of(@programs.first)}"
    end

    # Raises Trouble where a program has left by itself.
    def check
      gone = @programs.find(&:left?) or return

      raise Trouble, "a program left by itself (#{gone.exit_status})#{log_of(gone)}"
    end

    # Asks all to leave and waits.
    def stop
      @programs.each { |program| program.signal(:TERM) }
      @programs.each(&:stop)
    rescue Deadline::Missed => e
      raise Trouble, "#{e.message}#{log_of(@programs.first)}"
    end

    # Ends by force what is left.
    def destroy
      @programs.each(&:destroy)
    end

    # The end of the log, for people.
    def last_lines
      log_of(@programs.first)
    end

    private

    def log_of(program)
      lines = program.log.lines.last(LAST_LINES)
      lines.empty? ? "; it printed nothing" : "; the last lines it printed:\n#{lines.map { |line| "  #{line}" }.join}"
    end
  end
end
