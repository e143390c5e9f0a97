# frozen_string_literal: true

require_relative "../bench/support/figures"

# The same application in separate Sidekiqs, each started by `bundle exec sidekiq`: what swarm is compared with.
class Separate
  LEAVE_S = 20

  attr_reader :pids

  # log  where they print
  def initialize(log)
    @log = log
    @pids = []
  end

  # Starts so many. They end with this process.
  def start(number)
    number.times do
      @pids << Process.spawn("setpriv", "--pdeathsig", "KILL", "bundle", "exec", "sidekiq", "-r", Shop::FOLDER,
                             "-e", "production", in: File::NULL, out: [@log, "a"], err: %i[child out], pgroup: true)
    end
  end

  def pss_kib
    Figures.pss_kib(@pids)
  end

  # Asks them to leave; who does not is ended.
  def stop
    signal(:TERM)
    Deadline.wait("the end of the separate Sidekiqs", within: LEAVE_S) { gone? }
  rescue Deadline::Missed
    destroy
  end

  def destroy
    signal(:KILL)
    @pids.each { |pid| Process.wait(pid) }
    @pids = []
  end

  private

  def signal(name)
    @pids.each { |pid| Process.kill(name, pid) }
  end

  # They are this process's children, so a pid that was not waited for is theirs.
  def gone?
    @pids.reject! { |pid| Process.wait(pid, Process::WNOHANG) }
    @pids.empty?
  end
end
