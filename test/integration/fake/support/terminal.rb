# frozen_string_literal: true

require "io/console"
require "open3"
require "pty"
require_relative "../../../support/deadline"

# terminal.rb: a program in a terminal of its own, 80 by 24, whose session it leads.
# It owns the pty and the program; modes are asked of the terminal itself, by stty.
class Terminal
  attr_reader :modes_before, :status, :bytes

  # Waits this long for what shall be seen; a loaded machine is slow.
  WITHIN = 60

  def initialize(words, environment, folder)
    @master, @slave = PTY.open
    @master.winsize = [24, 80]
    @modes_before = modes
    @bytes = "".b
    # setsid makes the terminal the controlling one (-c), so that its keys become signals; since its process leads no
    # group it becomes the program itself.
    @pid = Process.spawn(environment, "setpriv", "--pdeathsig", "KILL", "--", "setsid", "-c", *words,
                         in: @slave, out: @slave, err: @slave, chdir: folder, unsetenv_others: true, rlimit_core: 0)
  end

  # The terminal's modes as text.
  def modes
    output, status = Open3.capture2("stty", "-g", "-F", @slave.path)
    raise "stty failed" unless status.success?

    output
  end

  # All that it wrote so far, or since it was forgotten.
  def text
    read
    @bytes.dup.force_encoding(Encoding::UTF_8).scrub
  end

  def forget
    read
    @bytes = "".b
  end

  def type(keys)
    @master.write(keys)
    @master.flush
  end

  # Types keys and waits for words that come after them.
  def press(keys, words)
    forget
    type(keys)
    wait_for(words)
  end

  def wait_for(words)
    Deadline.wait(-> { "#{words.inspect} in #{tail}" }, within: WITHIN) { text.include?(words) }
  end

  def signal(name)
    Process.kill(name, @pid)
  end

  def resize(rows, columns)
    @master.winsize = [rows, columns]
  end

  # Waits until its modes are as they were at first.
  def wait_restored
    Deadline.wait(-> { "the modes of before, after #{tail}" }, within: WITHIN) { modes == modes_before }
  end

  # The other end is closed, as when a window is.
  def hang_up
    @slave.close
    @master.close
  end

  def wait_end
    Deadline.wait(-> { "the end of the program: #{tail}" }, within: WITHIN) do
      read
      @status ||= Process.wait2(@pid, Process::WNOHANG)&.last
    end
    read
  end

  def close
    unless @status
      Process.kill(:KILL, @pid)
      Process.wait(@pid)
    end
    [@master, @slave].each { |end_of_it| end_of_it.close unless end_of_it.closed? }
  end

  private

  # Enough of it for the message of a failed test.
  def tail
    text[-3000..]&.inspect || text.inspect
  end

  def read
    loop { @bytes << @master.read_nonblock(65_536) }
  rescue IO::WaitReadable, Errno::EIO, IOError
    nil
  end
end
