# frozen_string_literal: true

# Runs in the user's application: loads it as Sidekiq does and evaluates each expression once. It pushes nothing
# before it has seen that the application talks to the Redis of the bench.

def give_up(text)
  warn text
  exit 1
end

# The frames that are the application's.
def own(backtrace)
  backtrace.reject { |line| line.start_with?(__FILE__) }.first(5)
end

def load_application(place)
  require "sidekiq"
  return require(place) unless File.directory?(place)

  require "rails"
  require "sidekiq/rails"
  require File.join(place, "config/environment.rb")
rescue ScriptError, StandardError => e
  give_up "#{place} cannot be loaded: #{e.class}: #{e.message}\n  #{own(e.backtrace).join("\n  ")}"
end

def check_redis
  return if Sidekiq.redis { |redis| redis.call("GET", "swarm:bench:token") } == ENV.fetch("COW_TOKEN")

  give_up "this application talks to another Redis than the one in REDIS_URL (#{ENV.fetch("REDIS_URL")}), so that " \
          "nothing was pushed; let it take the address from REDIS_URL, as Sidekiq does where nothing is configured"
rescue StandardError => e
  give_up "Redis cannot be reached by this application: #{e.class}: #{e.message}"
end

def push(expression)
  eval(expression, TOPLEVEL_BINDING, "--jobs", 1)
rescue ScriptError, StandardError => e
  place = e.backtrace.find { |line| line.start_with?("--jobs") }
  give_up "--jobs #{expression}: #{e.class}: #{e.message}#{" (#{place})" if place}"
end

place, *expressions = ARGV
load_application(place)
check_redis
expressions.each { |expression| push(expression) }
