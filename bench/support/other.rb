# frozen_string_literal: true

require_relative "../../test/integration/support/service"

# A running program that is not swarm: it is started without the words that only swarm knows.
class Other < Service
  # Returns itself; nothing is ready yet.
  def start
    name, value = @mark.split("=")
    @pid = Process.spawn(@env.merge(name => value), "setpriv", "--pdeathsig", "TERM", "setsid", *@command, *@arguments,
                         in: File::NULL, out: @log_path, err: %i[child out], chdir: @folder, unsetenv_others: true,
                         rlimit_core: 0)
    self
  end
end
