# frozen_string_literal: true

# The address in Redis options, fit for a log. It must never let a user name, a password or a query
# through, and must not connect.

require "uri"

module Sidekiq
  module Swarm
    # Tells where Redis is from the options given to Sidekiq.
    module RedisAddress
      DEFAULT = "redis://localhost:6379/0"

      class << self
        # Options as of `config.redis = {...}`. Sidekiq's own order: sentinels, a path, a URL (else the variable
        # that REDIS_PROVIDER names, else REDIS_URL), host and port.
        def of(options)
          options = options.transform_keys(&:to_sym)
          return sentinels(options) if options[:sentinels]
          return "unix://#{options[:path]}" if options[:path]

          url = options[:url] || (provided unless options[:host])
          url ? scrub(url.to_s) : host(options)
        end

        # A URL without what must stay secret; "unreadable" where it is none.
        def scrub(url)
          uri = URI.parse(url)
          return "unix://#{uri.path}" if uri.scheme == "unix"
          return "unreadable" unless uri.host

          port = ":#{uri.port}" if uri.port
          "#{uri.scheme}://#{uri.host}#{port}#{uri.path}"
        rescue URI::InvalidURIError
          "unreadable"
        end

        private

        def provided
          ENV[ENV["REDIS_PROVIDER"].to_s] || ENV["REDIS_URL"] || DEFAULT
        end

        def host(options)
          scheme = options[:ssl] ? "rediss" : "redis"
          "#{scheme}://#{options[:host]}:#{options[:port] || 6379}/#{options[:db] || 0}"
        end

        def sentinels(options)
          name = options[:name] || URI.parse(options[:url].to_s).host
          "sentinel://#{name} by #{options[:sentinels].map { |entry| sentinel(entry) }.join(", ")}"
        rescue URI::InvalidURIError
          "sentinel://unreadable"
        end

        def sentinel(entry)
          return scrub(entry) if entry.is_a?(String)

          entry = entry.transform_keys(&:to_sym)
          "#{entry[:host]}:#{entry[:port] || 26_379}"
        end
      end
    end
  end
end
