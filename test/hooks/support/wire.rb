# frozen_string_literal: true

require "socket"

# The messages of master/wire.c, packed and unpacked in Ruby: a second pair of eyes on the format. Owns no
# socket.
module Wire
  MAGIC = 0x5257
  VERSION = 2
  HEAD = "SCCL"
  HEAD_SIZE = 8
  FACTS = {
    ruby: :text, sidekiq: :text, rails: :text, tag: :text, environment: :text, queues: :text, redis: :text,
    concurrency: :u32, timeout_ms: :u32, boot_ms: :u32, threads: :text, sockets: :text, identities: :text,
    allocator: :text, hooks: :text, bundler: :text, redis_version: :text, redis_policy: :text, redis_error: :text,
    redis_us: :u32
  }.freeze
  FAILURE = { stage: :text, kind: :text, text: :text, place: :text, frames: :text, exit_code: :u32 }.freeze
  TYPES = {
    step: { name: :text, took_ms: :u32 },
    mold_ready: FACTS,
    spawn: { request: :u64, slot: :u32, index: :u32, generation: :u32 },
    spawned: { request: :u64, pid: :u32 },
    failed: { request: :u64, error: :u32 },
    failure: FAILURE,
    hello: { request: :u64 },
    go: {},
    ready: FACTS,
    run: {},
    stopping: {},
    ask_trace: {},
    trace: { text: :text },
    promote: { generation: :u32 }
  }.freeze
  NAMES = TYPES.keys.freeze

  Message = Struct.new(:type, :fields, :pid) do
    def [](name)
      fields.fetch(name)
    end
  end

  module_function

  # One packet as bytes.
  def pack(type, **fields)
    body = TYPES.fetch(type).map { |name, kind| pack_field(kind, fields.fetch(name)) }.join
    [MAGIC, VERSION, NAMES.index(type) + 1, HEAD_SIZE + body.bytesize].pack(HEAD) + body
  end

  def pack_field(kind, value)
    case kind
    when :u32 then [value].pack("L")
    when :u64 then [value].pack("Q")
    when :text then [value.bytesize].pack("L") + value.b
    end
  end

  # A Message of a packet; raises on anything that is none.
  def unpack(packet, pid)
    magic, version, type, length = packet.unpack(HEAD)
    raise "not a message: #{packet.inspect}" unless magic == MAGIC && version == VERSION && length == packet.bytesize

    name = NAMES.fetch(type - 1)
    rest = packet.byteslice(HEAD_SIZE..)
    fields = TYPES.fetch(name).to_h { |field, kind| [field, take_field(kind, rest)] }
    raise "#{rest.bytesize} bytes too many in a #{name}" unless rest.empty?

    Message.new(name, fields, pid)
  end

  def take_field(kind, rest)
    case kind
    when :u32 then rest.slice!(0, 4).unpack1("L")
    when :u64 then rest.slice!(0, 8).unpack1("Q")
    when :text then rest.slice!(0, rest.slice!(0, 4).unpack1("L")).force_encoding("UTF-8")
    end
  end
end
