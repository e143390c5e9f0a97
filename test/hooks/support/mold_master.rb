# frozen_string_literal: true

require_relative "board"
require_relative "link"
require_relative "processes"
require_relative "traps_stage"

# A master for one mold: starts it, speaks the wire, reaps. Owns the mold, its link and the workers it asked for.
class MoldMaster
  LINK_FD = 3
  BOARD_FD = 4

  # One worker as the master sees it: its link, its board and its pid.
  class Worker
    attr_reader :link, :board, :request
    attr_accessor :pid

    def initialize(request, link, board)
      @request = request
      @link = link
      @board = board
    end

    # Hello, checked by the kernel's word; then go.
    def greet
      hello = @link.expect(:hello)
      raise "hello of #{hello[:request]}, not of #{@request}" unless hello[:request] == @request

      @pid = hello.pid
      @link.send(:go)
      self
    end

    def ready
      greet unless @pid
      @link.expect(:ready)
      self
    end

    def run
      ready
      @link.send(:run)
      self
    end

    def status
      Processes.reap(@pid)
    end
  end

  attr_reader :stage, :pid, :link

  def initialize(stage)
    @stage = stage
    @requests = 0
    @workers = []
    @former = []
  end

  # Starts a mold for the stage's application; `options` are its own words, `more` the environment's.
  def start(options: [], more: {}, arguments: ["app.rb"], program: @stage.mold, prefix: [])
    @link, theirs = Link.pair
    @pid = spawn_mold([*prefix, *words(program, options, arguments)], theirs, more)
    self
  end

  # Starts a worker that boots by itself.
  def start_standalone(more: {}, arguments: ["app.rb"], board: Board.new, program: @stage.mold)
    worker = make_worker(0, board)
    options = ["--board", BOARD_FD.to_s, "--slot", "2", "--index", "5"]
    spawn_mold(words(program, options, arguments), worker.last, more, BOARD_FD => board.file)
    worker.first
  end

  def ready
    @link.expect(:mold_ready)
  end

  # Asks for a worker without waiting for it.
  def order(board: Board.new)
    worker, theirs = make_worker(@requests += 1, board)
    @link.send(:spawn, [theirs, board.file], request: @requests, slot: 2, index: 5, generation: 7)
    theirs.close
    worker
  end

  # Asks for a worker and waits until the mold has forked it.
  def spawn(**options)
    worker = order(**options)
    spawned = @link.expect(:spawned)
    raise "spawned #{spawned[:request]}, not #{worker.request}" unless spawned[:request] == worker.request

    worker
  end

  # Has a worker become the mold, and asks that one from then on. The mold before goes on. Returns its facts.
  def promote(worker, generation: 8)
    worker.link.send(:promote, generation: generation)
    facts = worker.link.expect(:mold_ready)
    @former << @link
    @link = worker.link
    @pid = worker.pid
    facts
  end

  def status
    Processes.reap(@pid)
  end

  # Closes every link and ends what is left.
  def stop
    [@link, *@former, *@workers.map(&:link)].compact.each(&:close)
    Processes.wait_until("the end of all children") do
      @stage.kill_leftovers
      reaped_all?
    end
  end

  private

  def words(program, options, arguments)
    [program, "--link", LINK_FD.to_s, "--generation", "7", "--preload", "app", *options, "--", *arguments]
  end

  def make_worker(request, board)
    link, theirs = Link.pair
    @workers << (worker = Worker.new(request, link, board))
    [worker, theirs]
  end

  def spawn_mold(argv, theirs, more, descriptors = {})
    pid = Process.spawn(@stage.environment(more), *argv, unsetenv_others: true, chdir: @stage.path("work"),
                                                         in: File::NULL, %i[out err] => [@stage.path("log"), "a"],
                                                         LINK_FD => theirs, **descriptors)
    theirs.close
    pid
  end

  def reaped_all?
    nil while Process.wait(-1, Process::WNOHANG)
    false
  rescue Errno::ECHILD
    true
  end
end
