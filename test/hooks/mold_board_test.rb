# frozen_string_literal: true

require_relative "support/mold_test"

# The worker's side of its board, without Sidekiq: signs of life, records, classes, names.
class MoldBoardTest < MoldTest
  BEAT_MS = 1000

  def test_jobs_are_counted_and_a_child_of_the_worker_does_not_count
    works(<<~RUBY)
      first, second, = Array.new(3) { start }
      native.job_done(first)
      native.job_failed(second)
      native.quiet
      Process.wait(fork { 5.times { start }; native.job_done(second); native.step("from a child", 1); exit!(0) })
    RUBY
    said(:worked)

    assert_equal({ started: 3, done: 1, failed: 1, busy: 1, quiet: 1 }, counts(:started, :done, :failed, :busy, :quiet))
    refute_includes @worker.link.drain.map(&:type), :step
  end

  def test_a_mold_has_no_board_and_gives_no_tickets
    boot("Traps.on(:boot) { Traps.say(ticket: Sidekiq::Swarm::Native.job_started('A', 'j', 'q', '{}').inspect) }")

    assert_equal %w[nil], said(:ticket)
  end

  def test_the_beat_and_the_progress_go_on_in_an_idle_worker
    works("")
    said(:worked)
    first = @board.to_h
    Processes.wait_until("three beats and ticks") do
      now = @board.to_h
      now[:beat_ms] >= first[:beat_ms] + (3 * BEAT_MS) && now[:progress] >= first[:progress] + 3
    end
  end

  # The native thread beats from the fork on, the ticks go on while hooks and Sidekiq's own start run.
  def test_a_worker_that_starts_has_signs_of_life
    boot("Traps.on(:after_fork) { Traps.wait_for_file('go') }")
    board = Board.new
    worker = @master.spawn(board: board).greet
    Processes.wait_until("signs of life") { board[:beat_ms].positive? && board[:progress].positive? }
    touch("go")
    worker.run
  end

  def test_a_worker_that_boots_by_itself_has_signs_of_life
    @stage.app("Traps.wait_for_file('go')")
    board = Board.new
    worker = @master.start_standalone(board: board).greet
    Processes.wait_until("signs of life") { board[:beat_ms].positive? && board[:progress].positive? }
    touch("go")
    worker.run
  end

  # FS-11. libc's system(3), called with the VM's lock held, stands for a C function that does not come back. What it
  # runs says that it is inside and burns CPU until it is let go.
  def test_a_vm_that_is_wedged_in_c_makes_no_progress_while_the_native_thread_beats
    works(<<~RUBY)
      require "fiddle"
      system = Fiddle::Function.new(Fiddle::Handle::DEFAULT["system"], [Fiddle::TYPE_VOIDP], Fiddle::TYPE_INT,
                                    need_gvl: true)
      system.call("cd \#{ENV.fetch("TRAPS_FOLDER")}; : >inside; while [ ! -e go ]; do :; done")
    RUBY
    Processes.wait_until("the wedge") { File.exist?(@stage.path("work/inside")) }
    wedged = @board.to_h
    Processes.wait_until("four beats") { @board[:beat_ms] >= wedged[:beat_ms] + (4 * BEAT_MS) }
    assert_equal wedged[:progress], @board[:progress]

    touch("go")
    Processes.wait_until("progress") { @board[:progress] > wedged[:progress] }
    assert said(:worked)
  end

  # A loop over "all" descriptors, as old daemons have it: the link is gone, the worker is not.
  def test_a_worker_whose_descriptors_were_closed_beats_on
    works("(3..1023).each { |fd| IO.for_fd(fd).close rescue nil }; Traps.say(closed: true); Traps.wait_for_file('end')")
    said(:closed)
    first = @board[:beat_ms]
    Processes.wait_until("three beats") { @board[:beat_ms] >= first + (3 * BEAT_MS) }
    assert @worker.link.ends?
  end

  def test_a_worker_with_signs_of_life_leaves_at_once
    works("")
    said(:worked)
    Processes.wait_until("a tick") { @board[:progress] > 1 }
    Process.kill(:TERM, @worker.pid)

    assert_equal 0, @worker.status.exitstatus
  end

  def test_classes_beyond_the_last_row_are_counted_together
    works("2.times { 70.times { |n| native.job_done(start(\"Class\#{n}\")) } }; start('Class69')")
    said(:worked)
    rows = @board.classes

    assert_equal Board::CLASSES, rows.size
    assert_equal Array.new(63) { |n| "Class#{n}" } << "(other)", (rows.map { |row| row[:name] })
    assert_equal [[2, 2]], rows.first(63).map { |row| row.values_at(:started, :done) }.uniq
    assert_equal [15, 14], rows.last.values_at(:started, :done)
    assert_equal ["Class69", 63], @board.jobs.first.values_at(:name, :class_row)
  end

  def test_more_jobs_than_records_are_counted
    works("tickets = Array.new(131) { start }; Traps.say(full: true); Traps.wait_for_file('go')\n" \
          "tickets.each { |ticket| native.job_done(ticket) }; start('Later')")
    said(:full)
    assert_equal [Board::RECORDS, 131], [@board.jobs.size, @board[:busy]]

    touch("go")
    said(:worked)
    assert_equal({ started: 132, done: 131, busy: 1, record_count: 128 },
                 counts(:started, :done, :busy, :record_count))
    assert_equal [["Later", 0]], (@board.jobs.map { |job| [job[:name], @board.records.index(job)] })
  end

  def test_a_record_that_is_free_is_used_again
    works("100.times { native.job_done(start) }")
    said(:worked)

    assert_equal [1, 200], [@board[:record_count], @board.records.first[:sequence]]
  end

  def test_names_are_cut_to_whole_characters_and_hold_neither_nul_nor_broken_bytes
    works(<<~'RUBY')
      start("x" * 94 + "ß", "ü" * 40, "a\0b\xFFc\xC3")
      start("\xED\xA0\x80\xF4\x90\x80\x80\xC0\xAF".b, "€" * 16, "\u{1F600}" * 20)
      start("", nil, 7)
    RUBY
    said(:worked)
    texts = @board.jobs.map { |job| job.values_at(:name, :jid, :queue).map { |text| text.force_encoding("UTF-8") } }

    assert_equal [["x" * 94, "ü" * 23, "a?b?c?"], ["?" * 9, "€" * 15, "\u{1F600}" * 19], ["(unnamed)", "", ""]], texts
  end

  # Sequence, counters and rows hold together whoever writes when.
  def test_many_threads_leave_a_board_that_is_right
    works(<<~RUBY)
      Array.new(8) do |number|
        Thread.new do
          400.times do |n|
            ticket = start("Class\#{(n + number) % 10}")
            Thread.pass
            n.odd? ? native.job_done(ticket) : native.job_failed(ticket)
          end
        end
      end.each(&:join)
    RUBY
    said(:worked)

    assert_equal({ started: 3200, done: 1600, failed: 1600, busy: 0 }, counts(:started, :done, :failed, :busy))
    assert_empty @board.jobs
    assert_equal [320], @board.classes.map { |row| row[:started] }.uniq
    assert_operator @board[:record_count], :<=, 8
  end

  private

  # A worker that does this; it says `worked` at the end and lives on.
  def works(code)
    @board = Board.new
    boot(<<~RUBY)
      def native = Sidekiq::Swarm::Native
      def start(name = "A", jid = "j", queue = "q") = native.job_started(name, jid, queue, "{}")
      Traps.on(:run) do
        #{code}
        Traps.say(worked: true)
      end
    RUBY
    @worker = @master.spawn(board: @board).run
  end

  def counts(*names)
    @board.to_h.slice(*names)
  end
end
