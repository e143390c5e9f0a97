# frozen_string_literal: true

require "json"
require "redis-client"
require_relative "trouble"

module Cow
  # The Redis that jobs go through: what stands in it, who waits at it.
  class Broker
    TIMEOUT_S = 30

    # url  of a Redis that belongs to the bench
    def initialize(url)
      @url = url
      @client = RedisClient.config(url: url, timeout: TIMEOUT_S, reconnect_attempts: 1).new_client
    rescue ArgumentError, URI::Error => e
      raise Trouble, "--redis #{Broker.shown(url)}: #{e.message}; a URL such as redis://localhost:6379/0 is needed"
    end

    attr_reader :url

    # A URL without its password.
    def self.shown(url)
      url.sub(%r{(?<=//)[^/@]*@}, "…@")
    end

    def call(*command)
      @client.call(*command)
    end

    # The bench writes and deletes in it: what is there must be nobody else's. Raises Trouble otherwise.
    def check_empty
      keys = call("INFO", "keyspace").scan(/^(db\d+):keys=(\d+)/)
      return if keys.empty?

      raise Trouble, "the Redis at #{Broker.shown(url)} is not empty (#{keys.map { |db, count| "#{db}: #{count} keys" }
        .join(", ")}), and the bench would delete what is in it; leave --redis out, and the bench starts a Redis of " \
        "its own, or name one that is empty"
    rescue RedisClient::Error => e
      raise Trouble, "the Redis at #{Broker.shown(url)} cannot be asked: #{e.message}; leave --redis out, and the " \
                     "bench starts a Redis of its own"
    end

    def clear
      call("FLUSHALL")
    end

    # How many Sidekiq processes say that they fetch.
    def fetching_count
      call("SCARD", "processes")
    end

    # The Sidekiq processes that fetch: the threads of each, by pid.
    def fetching
      call("SMEMBERS", "processes").to_h do |identity|
        info = JSON.parse(call("HGET", identity, "info") || "{}")
        [Integer(identity.split(":")[-2]), info.fetch("concurrency", 1)]
      end
    end

    # True once no job is queued and so many threads wait for one: whatever was fetched is done.
    def idle?(threads)
      queued.zero? && Integer(call("INFO", "clients")[/^blocked_clients:(\d+)/, 1]) >= threads
    end

    # The jobs in all queues.
    def queued
      call("SMEMBERS", "queues").sum { |queue| call("LLEN", "queue:#{queue}") }
    end

    # What Sidekiq has counted, once its processes have left.
    def counted
      %w[processed failed].to_h { |name| [name, call("GET", "stat:#{name}").to_i] }
    end

    # jobs  [queue, text], in order
    def push(jobs)
      jobs.group_by(&:first).each do |queue, list|
        call("SADD", "queues", queue)
        list.map(&:last).each_slice(1_000) { |texts| call("LPUSH", "queue:#{queue}", *texts) }
      end
    end

    # Takes all queued jobs out, as [queue, job] in their order.
    def take
      call("SMEMBERS", "queues").flat_map do |queue|
        texts = call("LRANGE", "queue:#{queue}", 0, -1).reverse
        call("DEL", "queue:#{queue}")
        texts.map { |text| [queue, JSON.parse(text)] }
      end
    end

    def close
      @client.close
    end
  end
end
