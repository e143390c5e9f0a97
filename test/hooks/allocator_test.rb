# frozen_string_literal: true

require "fiddle"
require_relative "support/mold_test"

# What the master lends a mold for its start: it works, and it is gone before the application looks. The allocators
# here are libraries of the test's own, which answer as jemalloc does and leave the memory to the C library.
class AllocatorTest < MoldTest
  # Writes each call to a file; arenas.create gives 7, then 8 and so on. taken() is what mallocx gave of an arena.
  LIBRARY = <<~C
    #include <fcntl.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>

    static unsigned made = 7;
    static size_t given[16];

    static void
    note(const char *name, const unsigned *number)
    {
        char line[128];
        const char *path = getenv("TEST_CALLS");
        int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
        int length = number == NULL ? snprintf(line, sizeof(line), "%d %s\\n", (int)getpid(), name)
                                    : snprintf(line, sizeof(line), "%d %s %u\\n", (int)getpid(), name, *number);

        if (fd >= 0) {
            (void)!write(fd, line, (size_t)length);
            close(fd);
        }
    }

    int
    mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size)
    {
        (void)old_size;
        if (strcmp(name, "version") == 0) {
            *(const char **)old = VERSION;
            return 0;
        }
        note(name, new_size == sizeof(unsigned) ? new : NULL);
        if (strcmp(name, "arenas.create") == 0) {
            *(unsigned *)old = made++;
        }
        return 0;
    }

    void *
    mallocx(size_t size, int flags)
    {
        given[(flags >> 20) - 1] += size;
        return calloc(1, size);
    }

    size_t
    taken(int arena)
    {
        return given[arena];
    }
  C

  REST = "arena.4096.decay"

  # Says what is in the environment of the application and of a program that it starts, and what is mapped.
  LOOK = <<~'RUBY'
    NAMES = /\A(LD_PRELOAD|MALLOC_CONF|RUBY_GC_\w+|SWARM_MOLD_\w+)=/
    def look(key)
      own = ENV.map { |name, value| "#{name}=#{value}" }.grep(NAMES)
      maps = File.read("/proc/self/maps")
      Traps.say(key => { own: own, program: `env`.lines(chomp: true).grep(NAMES), mapped: maps.include?("preload.so") })
    end
    Traps.on(:boot) { look(:mold) }
    Traps.on(:run) { look(:worker) }
  RUBY

  def test_the_environment_is_the_users_before_the_application_looks
    other = build_other
    boot(LOOK, more: lent("LD_PRELOAD=#{library("5.3.0-0-g1")}:#{other}", "MALLOC_CONF=narenas:2",
                          "RUBY_GC_HEAP_GROWTH_MAX_SLOTS=100000", "RUBY_GC_HEAP_FREE_SLOTS_MIN_RATIO=0.06",
                          theirs: { "RUBY_GC_HEAP_FREE_SLOTS_GOAL_RATIO" => "0.5" }))
    @master.spawn.run

    users = ["LD_PRELOAD=#{other}", "RUBY_GC_HEAP_FREE_SLOTS_GOAL_RATIO=0.5"]
    %i[mold worker].each do |key|
      assert_equal({ own: users, program: users, mapped: true }, sorted(said(key).first), key)
    end
  end

  def test_what_the_user_has_set_alone_stays
    boot(LOOK, more: { "LD_PRELOAD" => library("5.3.0"), "MALLOC_CONF" => "narenas:3" })

    assert_equal ["LD_PRELOAD=#{library_path}", "MALLOC_CONF=narenas:3"], sorted(said(:mold).first)[:own]
  end

  def test_the_variables_reach_the_vm
    boot("", more: lent("RUBY_GC_HEAP_GROWTH_MAX_SLOTS=123456").merge("RUBYOPT" => "-w"))

    assert_match(/^RUBY_GC_HEAP_GROWTH_MAX_SLOTS=123456 /, @stage.log)
  end

  # Bundler keeps a copy of the environment as it finds it.
  def test_bundlers_copy_of_the_environment_has_nothing_of_it
    File.write(@stage.path("work/Gemfile"), "")
    boot("Traps.say(original: Bundler.original_env.keys.grep(/RUBY_GC|SWARM_MOLD_/))",
         more: lent("RUBY_GC_HEAP_GROWTH_MAX_SLOTS=123456").merge("BUNDLE_GEMFILE" => @stage.path("work/Gemfile")))

    assert_equal [[]], said(:original)
  end

  def test_a_mold_and_its_workers_allocate_from_different_arenas
    boot(more: lent("LD_PRELOAD=#{library("5.3.0-0-g1")}").merge("TEST_CALLS" => @stage.path("calls")))
    worker = @master.spawn.ready

    assert_equal "jemalloc 5.3.0", @facts[:allocator]
    assert_equal ["arenas.create", "thread.tcache.flush", "thread.arena 7", "arenas.create", "arenas.create",
                  "thread.tcache.flush", "arena.4096.purge"],
                 calls(@master.pid)
    assert_equal ["thread.tcache.flush", "thread.arena 0"], calls(worker.pid)
  end

  # 300 methods of 50 calls, and 2,000 blocks with ten variables of their own; 16 and 8 bytes are the least of each.
  APART = <<~'RUBY'
    require "fiddle"
    TAKEN = Fiddle::Function.new(Fiddle::Handle::DEFAULT["taken"], [Fiddle::TYPE_INT], Fiddle::TYPE_SIZE_T)
    def taken
      before = [8, 9].map { |arena| TAKEN.call(arena) }
      yield
      [8, 9].zip(before).map { |arena, bytes| TAKEN.call(arena) - bytes }
    end

    def look(key)
      names = Array.new(10) { |number| "v#{number}" }
      codes = Array.new(300) { |number| "def m#{key}#{number}; #{(["self.to_s"] * 50).join("; ")}; end" }
      eval("def block#{key}; #{names.join(" = ")} = 1; proc { v0 }; end", TOPLEVEL_BINDING)
      caches = taken { codes.each { |code| eval(code, TOPLEVEL_BINDING) } }
      variables = taken { $blocks = Array.new(2_000) { send("block#{key}") } }
      Traps.say(key => { caches: caches.first, variables: variables.last, sum: $blocks.sum(&:call) })
    end
    Traps.on(:boot) { look(:mold) }
    Traps.on(:run) { look(:worker) }
  RUBY

  def test_what_workers_write_lies_apart_in_the_mold
    boot(APART, more: lent("LD_PRELOAD=#{library("5.3.0-0-g1")}"))
    @master.spawn.run

    mold = said(:mold).first
    assert_operator mold[:caches], :>=, 300 * 50 * 16
    assert_operator mold[:variables], :>=, 2_000 * 10 * 8
    assert_operator mold[:variables], :<, 2_000 * 30 * 8, "other memory lies there, too"
    assert_equal({ caches: 0, variables: 0, sum: 2_000 }, said(:worker).first)
  end

  # jemalloc looks at its clock only when it is asked for something.
  def test_a_worker_at_rest_gives_memory_back
    boot(more: lent("LD_PRELOAD=#{library("5.3.0-0-g1")}").merge("TEST_CALLS" => @stage.path("calls")))
    worker = @master.spawn.ready

    Processes.wait_until("a call for what is free") { all_calls(worker.pid).include?(REST) }
  end

  def test_a_worker_without_a_mold_is_left_alone
    @stage.app("")
    worker = @master.start_standalone(more: { "LD_PRELOAD" => library("5.3.0"), "TEST_CALLS" => @stage.path("calls") })
    worker.ready

    assert_empty calls(worker.pid)
  end

  def test_a_jemalloc_that_cannot_be_forked_from_is_given_up
    boot(LOOK, more: lent("LD_PRELOAD=#{library("5.2.1-0-gea6b3e9")}", "RUBY_GC_HEAP_GROWTH_MAX_SLOTS=123456",
                          words: ["auto"]).merge("RUBYOPT" => "-w"))
    @master.spawn.run

    assert_match(/\A(glibc \S+|libc) \(jemalloc 5\.2\.1 is too old to fork\)\z/, @facts[:allocator])
    %i[mold worker].each { |key| assert_equal({ own: [], program: [], mapped: false }, said(key).first, key) }
    assert_match(/^RUBY_GC_HEAP_GROWTH_MAX_SLOTS=123456 /, @stage.log)
  end

  def test_one_that_was_asked_for_by_name_stays
    boot(more: lent("LD_PRELOAD=#{library("5.2.1-0-gea6b3e9")}"))

    assert_equal "jemalloc 5.2.1", @facts[:allocator]
  end

  def test_a_library_that_cannot_be_loaded_is_seen_by_its_absence
    File.write(@stage.path("broken.so"), "no library")
    boot(LOOK, more: lent("LD_PRELOAD=#{@stage.path("broken.so")}", words: ["auto"]))

    assert_match(/\A(glibc|libc)\b/, @facts[:allocator])
    assert_equal [], said(:mold).first[:own]
  end

  def test_the_c_library_gets_two_arenas_unless_the_user_says_otherwise
    skip "no malloc_info here: this is not glibc" unless glibc?
    assert_operator arenas({}), :<=, 2
    assert_operator arenas("MALLOC_ARENA_MAX" => "6"), :>, 2
  end

  private

  # The environment of a mold with these variables added, beside the user's own, and more words of the master.
  def lent(*variables, theirs: {}, words: [])
    pairs = variables.to_h { |text| text.split("=", 2) }
    theirs.merge(pairs, "SWARM_MOLD_ADDED" => [*pairs.keys, *words].join(" "))
  end

  def library(version)
    build_library("#define VERSION \"#{version}\"\n#{LIBRARY}")
  end

  def library_path
    @stage.path("preload.so")
  end

  # A library that the user preloads, which does nothing.
  def build_other
    File.write(@stage.path("other.c"), "int nothing_at_all;\n")
    skip "no C compiler (cc)" unless system("cc", "-shared", "-fPIC", "-o", @stage.path("other.so"),
                                            @stage.path("other.c"), %i[out err] => File::NULL)
    @stage.path("other.so")
  end

  def sorted(look)
    look.transform_values { |value| value.is_a?(Array) ? value.sort : value }
  end

  # What this process asked jemalloc for, in order; without what its native thread asks for once a second.
  def calls(pid)
    all_calls(pid) - [REST]
  end

  def all_calls(pid)
    path = @stage.path("calls")
    lines = File.exist?(path) ? File.readlines(path, chomp: true) : []
    lines.filter_map { |line| line.delete_prefix("#{pid} ") if line.start_with?("#{pid} ") }
  end

  def glibc?
    Fiddle::Handle::DEFAULT["gnu_get_libc_version"] && true
  rescue Fiddle::DLError
    false
  end

  # How many arenas a worker has in which eight threads at once have allocated.
  def arenas(more)
    @master.stop if @master.pid
    @master = MoldMaster.new(@stage)
    boot(<<~RUBY, more: more)
      require "fiddle"
      Traps.on(:run) do
        queue = Queue.new
        threads = Array.new(8) { Thread.new { ["x" * 10_000, queue.pop] } }
        Thread.pass until threads.all? { |thread| thread.status == "sleep" }
        handle = Fiddle::Handle::DEFAULT
        pointer = Fiddle::TYPE_VOIDP
        file = Fiddle::Function.new(handle["fopen"], [pointer, pointer], pointer).call("arenas", "w")
        Fiddle::Function.new(handle["malloc_info"], [Fiddle::TYPE_INT, pointer], Fiddle::TYPE_INT).call(0, file)
        Fiddle::Function.new(handle["fclose"], [pointer], Fiddle::TYPE_INT).call(file)
        Traps.say(arenas: File.read("arenas").scan("<heap ").size)
        threads.each(&:kill)
      end
    RUBY
    @master.spawn.run
    said(:arenas, count: @seen = @seen.to_i + 1).last
  end
end
