# frozen_string_literal: true

# event_table.rb: the table of events (master/events.h), as a judge of real lines.
# It knows names, levels and keys; what an event means is the documents'.
class EventTable
  Row = Struct.new(:level, :required, :optional)

  ROW = /^ +X\(\w+, "(\w+)", (\w+),[\s\\]*"([^"]*)"/

  def initialize(source)
    @rows = File.read(source).scan(ROW).to_h do |name, level, keys|
      optional, required = keys.split.partition { |key| key.start_with?("[") }
      [name, Row.new(level, required, optional.map { |key| key.delete("[]") })]
    end
  end

  # Names of all events.
  def names
    @rows.keys
  end

  # What is wrong with a line of that name, level and keys: a list of sentences.
  def faults(name, level, keys)
    row = @rows[name] or return ["#{name} is not in the table"]

    faults = (row.required - keys).map { |key| "#{name} lacks #{key}" }
    faults += (keys - row.required - row.optional - ["msg"]).map { |key| "#{name} has #{key}, which is not in its row" }
    faults << "#{name} has level #{level}, its row says #{row.level}" unless row.level == level.upcase
    faults
  end
end
