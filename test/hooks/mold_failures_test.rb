# frozen_string_literal: true

require_relative "support/mold_test"

# Forks that fail, and code that raises in their middle.
class MoldFailuresTest < MoldTest
  # dlsym(RTLD_NEXT) of the mold finds this fork. It fails as often as the file "fails" says, and counts the calls.
  FAILING_FORK = <<~'C'
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <unistd.h>

    pid_t fork(void)
    {
        pid_t (*next)(void) = (pid_t (*)(void))dlsym(RTLD_NEXT, "fork");
        int fd = open("calls", O_WRONLY | O_APPEND | O_CREAT, 0600);

        if (write(fd, "x", 1) != 1)
            abort();
        close(fd);
        if (access("fails", F_OK) == 0) {
            errno = access("memory", F_OK) == 0 ? ENOMEM : EAGAIN;
            return -1;
        }
        return next();
    }
  C

  # Ruby retries EAGAIN for ever, a second apart, and the retry must not make a child of the mold.
  def test_eagain_is_told_at_once_and_the_next_fork_works
    boot_failing("fails")
    @master.order
    assert_equal Errno::EAGAIN::Errno, @master.link.expect(:failed)[:error]
    assert_equal 1, calls
    FileUtils.rm(@stage.path("work/fails"))
    worker = @master.spawn.run
    assert_equal Process.pid, Processes.parent(worker.pid)
  end

  def test_enomem_is_told_without_a_collection_of_garbage
    boot_failing("fails", "memory")
    @master.order
    assert_equal Errno::ENOMEM::Errno, @master.link.expect(:failed)[:error]
    assert_equal 1, calls
  end

  # Whatever a hook of a library raises in the child, the child must not go on as a second mold.
  def test_a_hook_that_raises_in_the_child_ends_the_child_alone
    boot(<<~RUBY)
      Process.singleton_class.prepend(Module.new do
        def _fork
          super.tap { |pid| raise "broken hook" if pid.zero? && ENV["BROKEN"] }
        end
      end)
      Traps.on(:before_spawn) { File.exist?("whole") ? ENV.delete("BROKEN") : ENV["BROKEN"] = "1" }
    RUBY
    worker = @master.spawn.greet
    assert_equal ["fork", "broken hook", 70], worker.link.expect(:failure).fields.values_at(:stage, :text, :exit_code)
    assert_equal 70, worker.status.exitstatus
    touch("whole")
    @master.spawn.run
  end

  def test_a_hook_that_raises_in_the_mold_does_not_hide_the_worker
    boot(<<~RUBY)
      Process.singleton_class.prepend(Module.new do
        def _fork
          super.tap { |pid| raise "broken hook" unless pid.zero? }
        end
      end)
    RUBY
    worker = @master.order.run
    assert_equal worker.pid, @master.link.expect(:spawned)[:pid]
    assert_equal "broken hook", @master.link.expect(:failure)[:text]
    @master.spawn.run
  end

  def test_a_check_before_the_fork_that_raises_costs_this_fork_alone
    boot("Traps.on(:before_spawn) { raise 'not now' unless File.exist?('now') }")
    @master.order
    assert_equal ["before_spawn", "not now"], @master.link.expect(:failure).fields.values_at(:stage, :text)
    assert_equal Errno::ECANCELED::Errno, @master.link.expect(:failed)[:error]
    touch("now")
    @master.spawn.run
  end

  def test_an_order_without_its_descriptors_is_refused
    boot
    @master.link.send(:spawn, request: 9, slot: 1, index: 1, generation: 7)
    assert_equal [9, Errno::EINVAL::Errno], @master.link.expect(:failed).fields.values_at(:request, :error)
    @master.spawn.run
  end

  def test_a_board_of_another_make_ends_the_worker_with_a_word
    boot
    worker = @master.order(board: Board.new(version: 99))
    pid = @master.link.expect(:spawned)[:pid]
    assert_match(/the board cannot be mapped/, worker.link.expect(:failure)[:text])
    assert_equal 70, Processes.reap(pid).exitstatus
  end

  def test_a_board_that_is_too_short_ends_the_worker_with_a_word
    boot
    worker = @master.order(board: Board.new(size: 100))
    pid = @master.link.expect(:spawned)[:pid]
    assert_match(/the board cannot be mapped/, worker.link.expect(:failure)[:text])
    assert_equal 70, Processes.reap(pid).exitstatus
  end

  def test_garbage_on_the_link_is_survived
    boot
    @master.link.send_bytes("garbage")
    @master.link.send(:hello, request: 1)
    @master.link.send(:ask_trace)
    assert @master.link.expect(:trace)
    worker = @master.spawn.run
    worker.link.send_bytes("garbage")
    worker.link.send(:ask_trace)
    assert worker.link.expect(:trace)
  end

  private

  def boot_failing(*files)
    library = build_library(FAILING_FORK)
    boot("Traps.on(:before_spawn) { File.write('calls', '') }", more: { "LD_PRELOAD" => library })
    files.each { |name| touch(name) }
  end

  def calls
    File.size(@stage.path("work/calls"))
  end
end
