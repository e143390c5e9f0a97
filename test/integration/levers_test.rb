# frozen_string_literal: true

require_relative "support/integration_test"

# The levers of [sharing] that the master pulls before a mold starts: the growth of heaps and the allocator.
class LeversTest < IntegrationTest
  # Where Debian, other systems and users have it; tests that need a real one skip without.
  JEMALLOC = Dir["/usr/lib/*-linux-gnu/libjemalloc.so.2", "/usr/{local/lib,lib,lib64}/libjemalloc.so.2"].first
  NAMES = /\A(LD_PRELOAD|MALLOC_CONF|RUBY_GC_\w+|SWARM_MOLD_\w+)=/
  GROWTH = %w[RUBY_GC_HEAP_GROWTH_MAX_SLOTS RUBY_GC_HEAP_FREE_SLOTS_MIN_RATIO RUBY_GC_HEAP_FREE_SLOTS_GOAL_RATIO].freeze

  # A job that writes the environment and the maps of its process, and of a program that it starts.
  APPLICATION = <<~'RUBY'
    require "sidekiq"
    class LookJob
      include Sidekiq::Job

      def perform(folder)
        File.write("#{folder}/worker.environment", ENV.map { |name, value| "#{name}=#{value}\n" }.join)
        File.write("#{folder}/worker.maps", File.read("/proc/self/maps"))
        system("env > #{folder}/program.environment; cat /proc/self/maps > #{folder}/program.maps")
        Sidekiq.redis { |redis| redis.call("INCR", "looked") }
      end
    end
  RUBY

  def test_jemalloc_is_under_the_mold_and_its_workers_and_not_under_what_jobs_start
    needs_jemalloc
    service = start
    ready = service.events("mold_ready").last
    look(service)

    assert_match(/\Ajemalloc \d/, ready[:allocator])
    assert_includes File.read("/proc/#{ready.number(:pid)}/maps"), "jemalloc"
    assert_includes seen("worker.maps"), "jemalloc"
    refute_includes seen("program.maps"), "jemalloc"
    %w[worker program].each { |name| assert_empty left(name), name }
    assert_stops service
  end

  # What is alive there when it forks would be lost in the worker.
  def test_jemalloc_has_no_thread_in_the_mold
    needs_jemalloc
    threads = [%w[--allocator jemalloc], %w[--allocator system]].map do |words|
      service = start(*words)
      count = Dir.children("/proc/#{service.events("mold_ready").last.number(:pid)}/task").size
      assert_stops service
      count
    end
    assert_equal threads.last, threads.first
  end

  def test_the_system_has_its_own_allocator
    service = start("--allocator", "system")
    look(service)

    assert_match(/\A(glibc|libc)\b/, service.events("mold_ready").last[:allocator])
    refute_includes seen("worker.maps"), "jemalloc"
    assert_stops service
  end

  def test_what_the_user_preloads_stays_for_programs
    needs_jemalloc
    users = { "LD_PRELOAD" => JEMALLOC, "MALLOC_CONF" => "narenas:3" }
    service = start(env: users)
    look(service)

    %w[worker program].each { |name| assert_equal users.map { |pair| pair.join("=") }, left(name), name }
    assert_includes seen("program.maps"), "jemalloc"
    assert_stops service
  end

  # A verbose VM says which variables it has read.
  def test_the_growth_of_heaps_is_bounded_where_the_user_has_not_bounded_it
    service = start("--allocator", "system", env: { "RUBYOPT" => verbose, GROWTH.first => "54321" })
    look(service)

    assert_equal GROWTH.sort, vm_read(service).keys.sort
    assert_equal "54321", vm_read(service)[GROWTH.first]
    %w[worker program].each { |name| assert_equal ["#{GROWTH.first}=54321"], left(name), name }
    assert_stops service
  end

  def test_ruby_may_let_heaps_grow_by_itself
    service = start("--heap-growth", "ruby", env: { "RUBYOPT" => verbose })

    assert_empty vm_read(service)
    assert_stops service
  end

  def test_a_worker_that_boots_by_itself_has_the_users_environment
    service = start("--no-prefork", env: { "RUBYOPT" => verbose })
    look(service)

    assert_empty vm_read(service)
    refute_includes seen("worker.maps"), "jemalloc"
    assert_stops service
  end

  def test_a_library_that_cannot_be_loaded_is_warned_of
    File.write(library = File.join(folder, "libjemalloc.so.2"), "no library")
    service = start(env: { "SWARM_JEMALLOC" => library })
    warning = service.wait_for_event("warning")

    assert_match(/#{Regexp.escape(library)} was preloaded, but the mold works with .*--allocator system/, warning[:msg])
    assert_stops service
  end

  def test_jemalloc_must_be_there_where_it_is_asked_for
    service = swarm("--allocator", "jemalloc", "-r", PLAIN, env: { "SWARM_JEMALLOC" => "/nowhere/libjemalloc.so.2" })

    assert_leaves service, 78
    assert_match(%r{\Aswarm: --allocator jemalloc: there is no library at /nowhere/libjemalloc\.so\.2}, service.log)
  end

  def test_a_check_says_so_too
    env = { "SWARM_JEMALLOC" => "/nowhere/libjemalloc.so.2", "REDIS_URL" => redis.url }
    service = Service.new(folder: folder, arguments: [], env: env)
    output, status = service.verb("check", "--allocator", "jemalloc", "-r", PLAIN)

    assert_equal 78, status.exitstatus, output
    assert_match(%r{^FAILED +allocator +.*/nowhere/}, output)
  end

  private

  def needs_jemalloc
    skip "there is no libjemalloc.so.2 (apt-get install libjemalloc2)" unless JEMALLOC
  end

  # One worker of the application, without what the caller may have set of all this.
  def start(*words, env: {})
    unset = ENV.keys.grep(/\A(LD_PRELOAD|MALLOC_|RUBY_GC_|GLIBC_TUNABLES)/).to_h { |name| [name, nil] }
    service = swarm("--processes", 1, *words, "-r", write_application(APPLICATION), env: unset.merge(env))
    service.wait_until_ready(1)
    service
  end

  def verbose
    "-w #{ENV.fetch("RUBYOPT", "")}"
  end

  def look(service)
    redis.enqueue("LookJob", folder)
    wait_for_count(service, "looked", 1)
  end

  def seen(name)
    File.read(File.join(folder, name))
  end

  # What is left of all this in an environment.
  def left(name)
    seen("#{name}.environment").lines(chomp: true).grep(NAMES).sort
  end

  # The variables that the VM says to have read, with their values.
  def vm_read(service)
    service.log.scan(/^(RUBY_GC_HEAP_\w+)=(\S+) \(/).to_h
  end
end
