# frozen_string_literal: true

# One event of the master's log: its name and its keys, as texts.
class EventLine
  PAIR = /(\w+)=("(?:[^"\\]|\\.)*"|\S*)/

  attr_reader :name, :fields, :line

  # The event of a line, or nil where the line is not the master's.
  def self.parse(line)
    start = line.index(/\bevent=\w/) or return

    pairs = line[start..].scan(PAIR).to_h { |key, value| [key.to_sym, unquote(value)] }
    new(pairs.delete(:event), pairs, line)
  end

  def self.unquote(value)
    return value unless value.start_with?('"')

    value[1..-2].gsub(/\\(.)/) { Regexp.last_match(1) == "n" ? "\n" : Regexp.last_match(1) }
  end

  def initialize(name, fields, line)
    @name = name
    @fields = fields
    @line = line
  end

  # The text of a key, or nil.
  def [](key)
    @fields[key]
  end

  # The number of a key. Raises where it is missing or no number.
  def number(key)
    Integer(@fields.fetch(key))
  end

  # True if name and keys are these; a key's value may be anything that answers to === for its text.
  def is?(name, keys = {})
    @name == name && keys.all? { |key, value| matches?(value, @fields[key]) }
  end

  private

  def matches?(wanted, text)
    wanted.is_a?(Integer) ? wanted.to_s == text : wanted === text
  end
end
