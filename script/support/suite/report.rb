# frozen_string_literal: true

require_relative "counts"

module Suite
  # Everything the run prints: a line for each command, the whole log of one that failed, and the
  # closing lines. Owns the sum.
  class Report
    def initialize(root, out = $stdout)
      @root = root
      @out = out
      # Nothing stays in a buffer, which the start of a child would have to write out.
      @out.sync = true
      @sum = Counts.none
      @unsteady = []
      @mutex = Mutex.new
    end

    def part(name)
      line "== #{name}"
    end

    # A result that counts.
    def result(command)
      @mutex.synchronize do
        @sum += command.counts
        say_result(command, command.counts.failed? ? "FAILED" : "ok")
      end
    end

    # A failure that will be tried again alone; it does not count yet.
    def postponed(command)
      @mutex.synchronize { say_result(command, "failed, will run again") }
    end

    # The second run of a command that had failed.
    def second_result(command)
      result(command)
      @unsteady << command.name unless command.counts.failed?
    end

    # A failure that belongs to no command.
    def trouble(text)
      @sum.trouble!(text)
      line "FAILED #{text}"
    end

    def closing
      unless @sum.skips.empty?
        line "skipped tests:"
        @sum.skips.each { |reason| line "  #{reason}" }
      end
      @unsteady.each { |name| line "unsteady: #{name} (passed when run again)" }
      line "unsteady: #{@unsteady.size} files" unless @unsteady.empty?
      line @sum.to_s
      !@sum.failed?
    end

    private

    def say_result(command, word)
      line "#{word} #{command.name} #{brief(command.counts)} #{command.seconds.round(1)} s"
      command.strays_killed.each { |stray| line "  left behind and killed: #{stray}" }
      say_log(command) if command.counts.failed?
    end

    def say_log(command)
      command.counts.troubles.each { |text| line "  #{text}" }
      line "---- #{command.log.delete_prefix("#{@root}/")}"
      line command.output
      line "----"
    end

    def brief(counts)
      parts = ["#{counts.passed} passed"]
      parts << "#{counts.failed} failed" if counts.failed?
      parts << "#{counts.skipped} skipped" if counts.skipped.positive?
      parts.join(", ")
    end

    def line(text)
      @out.puts text
    rescue Errno::EPIPE
      # Whoever read us left; the exit status still tells.
      @out.reopen(File::NULL, "w")
    end
  end
end
