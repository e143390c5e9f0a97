# frozen_string_literal: true

require "open3"
require "minitest/autorun"

# The gem under plain Sidekiq, in a console, in a web server: the names are there and do nothing.
class NamesTest < Minitest::Test
  LIB = File.expand_path("../../hooks/lib", __dir__)
  COMPAT = File.expand_path("../../hooks/compat", __dir__)

  def test_the_gem_alone_loads_nothing_else_and_starts_nothing
    output = ruby(<<~RUBY)
      require "sidekiq/swarm"
      Sidekiq::Swarm.before_fork { raise "ran" }
      Sidekiq::Swarm.after_fork { |index| raise "ran" }
      print [defined?(Sidekiq::CLI).inspect, defined?(Sidekiq::Swarm::Native).inspect, Thread.list.size].join(" ")
    RUBY
    assert_equal "nil nil 1", output
  end

  def test_the_event_fork_is_known_where_sidekiq_is_loaded
    output = ruby(<<~RUBY)
      require "sidekiq"
      require "sidekiq/swarm"
      Sidekiq.default_configuration.on(:fork) { raise "ran" }
      print Sidekiq::Swarm::ForkEvent.blocks.size
    RUBY
    assert_equal "1", output
  end

  def test_hooks_of_process_manager_become_hooks_of_swarm_in_their_order
    output = ruby(<<~RUBY, "-I#{COMPAT}")
      require "sidekiq/process_manager"
      require "sidekiq-process_manager"
      require "sidekiq/process_manager/version"
      ran = []
      Sidekiq::ProcessManager.after_fork { ran << 1 }
      Sidekiq::Swarm.after_fork { |index| ran << index }
      Sidekiq::ProcessManager.after_fork(&-> { ran << 3 })
      Sidekiq::ProcessManager.before_fork { ran << 0 }
      Sidekiq::Swarm.hooks.run(:before_fork)
      Sidekiq::Swarm.hooks.run(:after_fork, 2)
      print [*ran, Sidekiq::ProcessManager::VERSION].join(" ")
    RUBY
    assert_equal "0 1 2 3 1.1.2", output
  end

  def test_boot_puts_our_files_before_a_gem_of_the_same_name
    output = ruby(<<~RUBY)
      $LOAD_PATH.unshift("/nowhere/old-gem/lib")
      load "#{LIB}/sidekiq/swarm/boot.rb"
      loaded = $LOADED_FEATURES.size
      require "sidekiq/swarm"
      print [$LOAD_PATH.first(2) == ["#{COMPAT}", "#{LIB}"], $LOADED_FEATURES.size == loaded,
             defined?(Sidekiq::CLI).inspect].join(" ")
    RUBY
    assert_equal "true true nil", output
  end

  private

  def ruby(script, *switches)
    output, status = Open3.capture2e("ruby", "-W", "-I#{LIB}", *switches, "-e", script, stdin_data: "")
    assert status.success?, output
    output
  end
end
