# frozen_string_literal: true

require "json"
require "redis-client"
require "securerandom"
require "tmpdir"

require_relative "../../support/deadline"

# A Redis of the test's own: on a unix socket in a new folder, without a port and without a disk. It ends
# with the test, also when that is killed.
class RedisServer
  START_S = 30

  attr_reader :socket

  def initialize
    @folder = Dir.mktmpdir("swarm-redis")
    @socket = File.join(@folder, "redis.sock")
  end

  # Returns itself once it answers.
  def start
    @pid = Process.spawn("setpriv", "--pdeathsig", "KILL", "redis-server", *settings,
                         in: File::NULL, out: log, err: log, chdir: @folder, pgroup: true)
    Deadline.wait(-> { "redis-server: #{File.read(log)}" }, within: START_S) { answers? }
    self
  end

  # Ends the server; the folder stays, so that start can follow. As from a crash, with nothing saved.
  def stop
    return unless @pid

    @client&.close
    @client = nil
    Process.kill(:KILL, @pid)
    Process.wait(@pid)
    @pid = nil
  end

  # Ends the server and removes its folder.
  def destroy
    stop
    FileUtils.rm_rf(@folder)
  end

  def url
    "unix://#{@socket}"
  end

  # One command, e.g. call("GET", "count").
  def call(*command)
    client.call(*command)
  end

  # Puts a job on a queue as Sidekiq's client does. Returns its jid.
  def enqueue(klass, *arguments, queue: "default", **more)
    jid = SecureRandom.hex(12)
    job = { class: klass, args: arguments, jid: jid, retry: false, queue: queue, created_at: Time.now.to_f,
            enqueued_at: Time.now.to_f }.merge(more)
    call("SADD", "queues", queue)
    call("LPUSH", "queue:#{queue}", JSON.generate(job))
    jid
  end

  # The number under a key, 0 where there is none.
  def count(key)
    call("GET", key).to_i
  end

  # The heartbeat rows of the Sidekiq processes, by identity.
  def heartbeats
    call("SMEMBERS", "processes").to_h { |identity| [identity, call("HGETALL", identity)] }
  end

  private

  def settings
    ["--port", "0", "--unixsocket", @socket, "--unixsocketperm", "700", "--save", "", "--appendonly", "no",
     "--daemonize", "no", "--dir", @folder, "--maxmemory-policy", "noeviction"]
  end

  def log
    File.join(@folder, "redis.log")
  end

  def client
    @client ||= RedisClient.config(path: @socket, timeout: 30, reconnect_attempts: 1).new_client
  end

  def answers?
    call("PING") == "PONG"
  rescue RedisClient::Error
    @client = nil
    false
  end
end
