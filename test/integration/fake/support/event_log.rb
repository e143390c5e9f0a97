# frozen_string_literal: true

require "time"

# event_log.rb: reads the master's log as a list of events while it grows.
# It knows the shape of a line (docs/log.md), not what an event means.
class EventLog
  # One line: its name, its keys, and its place in the log.
  Event = Struct.new(:place, :name, :keys, :line) do
    def [](key)
      keys[key.to_s]
    end

    def pid
      keys["pid"]&.to_i
    end

    def slot
      keys["slot"]&.to_i
    end

    # Seconds of the wall clock, as the line's stamp tells.
    def time
      Time.iso8601(line[/\A\S+/]).to_f
    end
  end

  FIELD = /(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/

  def initialize(path)
    @path = path
    @read = 0
    @rest = "".b
    @events = []
    @lines = []
  end

  # All events so far.
  def events
    take_new
    @events
  end

  # The last lines, for the message of a failed test.
  def tail(count = 80)
    take_new
    @lines.last(count).join("\n")
  end

  def text
    take_new
    @lines.join("\n")
  end

  # Events of that name (or one of those names) whose keys have these values, after the place `after`.
  def select(name, after: -1, **keys)
    names = Array(name)
    events.select { |event| names.include?(event.name) && event.place > after && matches?(event, keys) }
  end

  private

  def matches?(event, keys)
    keys.all? { |key, value| value === event[key] || value.to_s == event[key] }
  end

  def take_new
    return unless File.exist?(@path)

    bytes = File.binread(@path, nil, @read).to_s
    @read += bytes.bytesize
    *lines, @rest = (@rest + bytes).split("\n", -1)
    @rest ||= "".b
    lines.each { |line| take_line(line.force_encoding(Encoding::UTF_8).scrub) }
  end

  def take_line(line)
    @lines << line
    at = line.index(/\bevent=\w/)
    return unless at

    keys = line[at..].scan(FIELD).to_h { |key, quoted, plain| [key, plain || unquote(quoted)] }
    @events << Event.new(@events.size, keys.delete("event"), keys, line)
  end

  def unquote(text)
    text.gsub(/\\(.)/) { { "n" => "\n", "t" => "\t", "r" => "\r" }.fetch(Regexp.last_match(1)) { |other| other } }
  end
end
