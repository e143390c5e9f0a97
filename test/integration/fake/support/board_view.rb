# frozen_string_literal: true

# board_view.rb: a worker's board (master/board.h) as the worker itself has it mapped.
# It reads another process's memory and writes nothing.
class BoardView
  # Raised where this machine does not let a test look into its own descendants.
  class Refused < StandardError; end

  MAPPING = %r{\A(\h+)-\h+ rw-s .*/memfd:swarm-board}
  CLASSES_AT = 4096
  CLASS_SIZE = 128
  RECORDS_AT = 3 * 4096
  RECORD_SIZE = 32_768
  PAYLOAD_AT = 248

  Head = Struct.new(:magic, :version, :beat_ms, :progress, :started, :done, :failed, :busy, :quiet,
                    :class_count, :record_count)
  Job = Struct.new(:name, :jid, :queue, :class_row, :started_ms, :payload)

  def initialize(pid)
    @pid = pid
    line = File.readlines("/proc/#{pid}/maps").grep(MAPPING).first or raise "process #{pid} has no board"
    @start = line[MAPPING, 1].hex
    head
  rescue Errno::EACCES, Errno::EPERM => e
    raise Refused, e.message
  end

  def head
    Head.new(*read(0, 64).unpack("L2Q5L4"))
  end

  # The counters of each class: {name => [started, done, failed]}.
  def classes
    head.class_count.times.to_h do |row|
      bytes = read(CLASSES_AT + (row * CLASS_SIZE), CLASS_SIZE)
      [bytes.unpack1("Z96"), bytes.unpack("@96Q3")]
    end
  end

  # The jobs at work, in the order of their records.
  def jobs
    head.record_count.times.filter_map { |record| job(RECORDS_AT + (record * RECORD_SIZE)) }
  end

  private

  def job(place)
    bytes = read(place, PAYLOAD_AT)
    sequence, _size, kept, row, started_ms = bytes.unpack("L4Q")
    return if sequence.even?

    Job.new(*bytes.unpack("@24Z96Z48Z80"), row, started_ms, read(place + PAYLOAD_AT, kept))
  end

  def read(place, size)
    File.binread("/proc/#{@pid}/mem", size, @start + place)
  end
end
