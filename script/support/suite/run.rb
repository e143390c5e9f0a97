# frozen_string_literal: true

require_relative "report"

module Suite
  # Runs parts in order, each with so many commands at a time, and at the end once more, alone on
  # the machine, what failed and may be tried again.
  class Run
    class Interrupted < StandardError; end

    SIGNALS = %w[INT TERM HUP].freeze

    def initialize(report)
      @report = report
      @again = []
      @running = []
      @mutex = Mutex.new
    end

    # parts  a list of [name, commands at a time, commands]
    # Returns whether everything passed.
    def call(parts)
      trap_signals
      parts.each { |name, width, commands| run_part(name, width, commands) }
      run_again
      @report.closing
    ensure
      stop_all
    end

    private

    # Ended by a signal, the run still ends its children.
    def trap_signals
      main = Thread.current
      SIGNALS.each { |name| trap(name) { main.raise(Interrupted, "SIG#{name}") } }
    end

    def run_part(name, width, commands)
      @report.part(name)
      return @report.trouble("#{name}: there is nothing to run") if commands.empty?

      queue = Queue.new
      commands.each { |command| queue << command }
      threads = Array.new(width) { Thread.new { work(queue) } }
      threads.each(&:join)
    ensure
      queue&.clear
    end

    def work(queue)
      loop { run_one(queue.pop(true)) }
    rescue ThreadError
      nil # the queue is empty
    end

    def run_one(command)
      run_command(command)
      if command.counts.failed? && command.again?
        @again << command
        @report.postponed(command)
      else
        @report.result(command)
      end
    end

    def run_again
      return if @again.empty?

      @report.part("again, alone")
      @again.each do |command|
        run_command(command)
        @report.second_result(command)
      end
    end

    def run_command(command)
      @mutex.synchronize { @running << command }
      command.run
    ensure
      @mutex.synchronize { @running.delete(command) }
    end

    # A second signal must not cut this short.
    def stop_all
      SIGNALS.each { |name| trap(name, "IGNORE") }
      @running.dup.each(&:stop)
    end
  end
end
