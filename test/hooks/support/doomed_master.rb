# frozen_string_literal: true

# A master that a test kills: a process of its own, which starts a mold and brings one worker to the state that
# its second argument names, becomes a process without threads, says so on standard output, and sleeps.

require_relative "mold_master"

# The stage belongs to the test; this process only uses it.
class DoomedMaster
  Stage = Struct.new(:folder) do
    def path(name) = File.join(folder, name)
    def mold = path("lib/sidekiq-swarm/swarm-mold")

    def environment(more = {})
      ENV.to_h.merge(more)
    end
  end

  def initialize(folder)
    @master = MoldMaster.new(Stage.new(folder))
  end

  def bring_to(state)
    return alone(state) if state.start_with?("standalone")

    @master.start
    return if state == "mold_booting"

    @master.ready
    worker_to(state) unless state == "mold_ready"
  end

  private

  # standalone_greeted and standalone_running: a worker without a mold.
  def alone(state)
    worker = @master.start_standalone
    worker.greet
    worker.run if state == "standalone_running"
  end

  def worker_to(state)
    worker = @master.order
    @master.link.expect(:spawned)
    case state
    when "silent" then worker.link.expect(:hello)
    when "greeted" then worker.greet
    when "gate" then worker.ready
    when "running" then worker.run
    end
  end
end

Processes.be_subreaper
DoomedMaster.new(ARGV[0]).bring_to(ARGV[1])
# Ruby has a native thread of its own from 3.3 on. In a process with threads the kernel signals the children
# when the first thread ends, and closes the links when the last one does; the real master has one.
ObjectSpace.each_object(IO) { |io| io.close_on_exec = false unless io.closed? }
exec("sh", "-c", "echo there; exec sleep 10000")
