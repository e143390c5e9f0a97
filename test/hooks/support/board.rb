# frozen_string_literal: true

require "tempfile"

# A board as a file that both sides map: what master/board.h says, read without any of its checks.
class Board
  PAGE = 4096
  MAGIC = 0x44425753
  VERSION = 2
  HEAD = "LLQQQQQLLLL"
  FIELDS = %i[magic version beat_ms progress started done failed busy quiet class_count record_count].freeze

  CLASSES = 64
  CLASS_SIZE = 128
  CLASS = "Z96QQQQ"
  CLASS_FIELDS = %i[name started done failed work_us].freeze

  RECORDS = 128
  RECORD_SIZE = 32_768
  RECORD = "LLLLQZ96Z48Z80"
  RECORD_FIELDS = %i[sequence payload_size payload_kept class_row started_ms name jid queue].freeze
  PAYLOAD_AT = 248
  PAYLOAD_SIZE = RECORD_SIZE - PAYLOAD_AT

  RECORDS_AT = PAGE + (CLASSES * CLASS_SIZE)
  SIZE = RECORDS_AT + (RECORDS * RECORD_SIZE)

  attr_reader :file

  def initialize(magic: MAGIC, version: VERSION, size: SIZE)
    @file = Tempfile.create("swarm-board")
    File.unlink(@file.path)
    @file.write([magic, version].pack("LL"))
    @file.truncate(size)
  end

  # The head.
  def to_h
    FIELDS.zip(@file.pread(PAGE, 0).unpack(HEAD)).to_h
  end

  def [](field)
    to_h.fetch(field)
  end

  # The rows that are there, in their order.
  def classes
    Array.new(self[:class_count]) do |row|
      CLASS_FIELDS.zip(@file.pread(CLASS_SIZE, PAGE + (row * CLASS_SIZE)).unpack(CLASS)).to_h
    end
  end

  # Every record that was ever used.
  def records
    Array.new(self[:record_count]) do |number|
      bytes = @file.pread(RECORD_SIZE, RECORDS_AT + (number * RECORD_SIZE))
      fields = RECORD_FIELDS.zip(bytes.unpack(RECORD)).to_h
      fields.merge(payload: bytes.byteslice(PAYLOAD_AT, fields[:payload_kept]))
    end
  end

  # The jobs at work.
  def jobs
    records.select { |record| record[:sequence].odd? }
  end
end
