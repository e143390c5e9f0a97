# frozen_string_literal: true

require_relative "../../test/integration/support/service"

# A running sidekiq-process_manager, with its own Gemfile. Its workers are its children.
class Manager < Service
  GEMFILE = File.expand_path("../../test/gemfiles/bench.gemfile", __dir__)

  def initialize(env:, **options)
    super(command: %w[bundle exec sidekiq-process-manager], env: env.merge("BUNDLE_GEMFILE" => GEMFILE), **options)
  end

  # Starts it, without the words that only swarm knows.
  def start
    name, value = @mark.split("=")
    @pid = Process.spawn(@env.merge(name => value), "setpriv", "--pdeathsig", "TERM", "setsid", *@command, *@arguments,
                         in: File::NULL, out: @log_path, err: %i[child out], chdir: @folder, unsetenv_others: true,
                         rlimit_core: 0)
    self
  end

  # The pids of the workers.
  def workers
    processes.select { |entry| entry.ppid == pid }.map(&:pid)
  end
end
