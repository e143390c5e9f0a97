# frozen_string_literal: true

require_relative "../../test/integration/support/service"

# A running program that is started with its own words alone, without those that only swarm knows.
class Other < Service
  # directory  where it runs, if not in its folder
  def initialize(directory: nil, **options)
    super(**options)
    @directory = directory || options.fetch(:folder)
  end

  # Returns itself; nothing is ready yet.
  def start
    name, value = @mark.split("=")
    @pid = Process.spawn(@env.merge(name => value), "setpriv", "--pdeathsig", "TERM", "setsid", *@command, *@arguments,
                         in: File::NULL, out: @log_path, err: %i[child out], chdir: @directory, unsetenv_others: true,
                         rlimit_core: 0)
    self
  end
end
