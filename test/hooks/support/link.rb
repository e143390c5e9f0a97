# frozen_string_literal: true

require_relative "wire"

# The master's end of a link: one SOCK_SEQPACKET socketpair. Owns this end; the other is handed on.
class Link
  PACKET_MAX = 16_384
  DEADLINE_S = 60

  # What came while waiting for something else, and everything else that came.
  attr_reader :messages

  def self.pair
    ours, theirs = UNIXSocket.pair(:SEQPACKET)
    [new(ours), theirs]
  end

  def initialize(socket)
    @socket = socket
    @socket.setsockopt(:SOCKET, :PASSCRED, true)
    @messages = []
    @unread = []
  end

  def send(type, descriptors = [], **fields)
    send_bytes(Wire.pack(type, **fields), descriptors)
  end

  def send_bytes(bytes, descriptors = [])
    rights = descriptors.empty? ? [] : [Socket::AncillaryData.unix_rights(*descriptors)]
    @socket.sendmsg(bytes, 0, nil, *rights)
  end

  # The next message of that type; others stay for later. Raises at the end of the link or the deadline.
  def expect(type, seconds: DEADLINE_S)
    until_s = now + seconds
    loop do
      found = @unread.index { |message| message.type == type }
      return @unread.delete_at(found) if found

      message = receive(until_s - now)
      raise "no #{type} within #{seconds} s; came: #{summary}" if message.nil?
      raise "the link ended before #{type}; came: #{summary}" if message == :end
    end
  end

  # True when the other end is closed within the time.
  def ends?(seconds: DEADLINE_S)
    until_s = now + seconds
    loop do
      case receive(until_s - now)
      when :end then return true
      when nil then return false
      end
    end
  end

  # What waits to be read now.
  def drain
    nil while receive(0).is_a?(Wire::Message)
    @messages
  end

  def close
    @socket.close unless @socket.closed?
  end

  def summary
    @messages.map { |message| "#{message.type} #{message.fields.compact.reject { |_, value| value == "" }}" }.join("; ")
  end

  private

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  def receive(seconds)
    return nil unless @socket.wait_readable([seconds, 0].max)

    packet, _, _, *controls = @socket.recvmsg(PACKET_MAX)
    return :end if packet.nil? || packet.empty?

    keep(Wire.unpack(packet, sender(controls)))
  rescue Errno::ECONNRESET
    :end
  end

  def keep(message)
    @messages << message
    @unread << message
    message
  end

  # SCM_CREDENTIALS: what the kernel vouches for.
  def sender(controls)
    credentials = controls.find { |control| control.cmsg_is?(:SOCKET, :CREDENTIALS) }
    credentials&.data&.unpack1("l")
  end
end
