# frozen_string_literal: true

# What the tests of the Ruby side share: the load path, minitest, and a stand-in for the methods that C
# defines in a mold.

$LOAD_PATH.unshift(File.expand_path("../../hooks/compat", __dir__), File.expand_path("../../hooks/lib", __dir__))

require "minitest/autorun"

require_relative "recorded_native"

Sidekiq = Module.new unless defined?(Sidekiq)
Sidekiq::Swarm = Module.new unless defined?(Sidekiq::Swarm)
Sidekiq::Swarm::Native = RecordedNative

# Runs the block in a fork, so that nothing it loads or changes is left; returns what it returned, which must
# survive Marshal, or raises what it raised as a RuntimeError.
def in_fork
  reader, writer = IO.pipe
  pid = fork do
    reader.close
    $stdout.reopen(File::NULL)
    result = begin
      [:value, yield]
    rescue Exception => e # rubocop:disable Lint/RescueException
      [:error, "#{e.class}: #{e.message} #{e.backtrace&.first(5)}"]
    end
    writer.write(Marshal.dump(result))
    writer.close
    exit!(0)
  end
  writer.close
  kind, value = Marshal.load(reader.read)
  Process.wait(pid)
  raise value if kind == :error

  value
end
