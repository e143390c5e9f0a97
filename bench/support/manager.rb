# frozen_string_literal: true

require_relative "other"

# A running sidekiq-process_manager, with its own Gemfile. Its workers are its children.
class Manager < Other
  GEMFILE = File.expand_path("../../test/gemfiles/bench.gemfile", __dir__)

  def initialize(env:, **options)
    super(command: %w[bundle exec sidekiq-process-manager], env: env.merge("BUNDLE_GEMFILE" => GEMFILE), **options)
  end

  # The pids of the workers.
  def workers
    processes.select { |entry| entry.ppid == pid }.map(&:pid)
  end
end
