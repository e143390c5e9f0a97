# frozen_string_literal: true

require_relative "event_line"

# What a log says since it was read last, as events; a line that is not whole yet is kept for the next time.
class EventTail
  def initialize(path)
    @log = File.open(path, "r:BINARY")
    @rest = +""
  end

  # Yields the new events, in order.
  def each
    @rest << @log.read
    while (line = @rest.slice!(/\A.*\n/))
      event = EventLine.parse(line.force_encoding("UTF-8").scrub)
      yield event if event
    end
  end

  def close
    @log.close
  end
end
