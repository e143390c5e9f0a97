# frozen_string_literal: true

require_relative "test_helper"
require "sidekiq/swarm/identities"

# What an application would memoize. Whatever of it is called fails the test.
module IdentityFixture
  PID = Process.pid
  HOST = File.read("/proc/sys/kernel/hostname").strip
  NAME = "worker@#{HOST}##{PID}"
  ANOTHER_NUMBER = "#{HOST}:#{PID}0"
  WITHOUT_HOST = "client-#{PID}"
  PORT = PID
  SHORT = NAME.dup.encode(Encoding::UTF_16LE)
  LONG = "#{NAME} #{"x" * 1000}"

  @id = "#{HOST}:#{PID}"
  @@node = "#{HOST.upcase} #{HOST}-#{PID}-1"
  autoload :NeverLoaded, File.join(__dir__, "there_is_no_such_file")

  class << self
    def constants(*) = raise("called")
    def name(_more) = raise("called")
    def const_missing(_name) = raise("called")
    def instance_variable_get(*) = raise("called")
  end

  # A String that must not be asked.
  class Text < String
    def include?(*) = raise("called")
    def inspect = raise("called")
    def ==(_) = raise("called")
    def bytesize = raise("called")
    def b = raise("called")
    def scrub(*) = raise("called")
  end
  TEXT = Text.new("#{HOST}/#{PID}")

  # A process keeps its number to notice a fork.
  class Detector
    @pid = Process.pid
  end
end

# Ruby's own methods are hidden by the module's, as they are for those who look for it.
class IdentitiesTest < Minitest::Test
  FOUND = {
    "IdentityFixture::NAME" => IdentityFixture::NAME,
    "IdentityFixture @id" => "#{IdentityFixture::HOST}:#{Process.pid}",
    "IdentityFixture @@node" => "#{IdentityFixture::HOST.upcase} #{IdentityFixture::HOST}-#{Process.pid}-1",
    "IdentityFixture::PID" => Process.pid,
    "IdentityFixture::TEXT" => "#{IdentityFixture::HOST}/#{Process.pid}",
    "IdentityFixture::Detector @pid" => Process.pid
  }.freeze

  def test_memoized_names_of_this_process_are_found_and_nothing_is_called
    found = Sidekiq::Swarm::Identities.new.find.to_h.select { |place, _| place.start_with?("IdentityFixture") }

    assert_equal FOUND, found
    assert_instance_of String, found["IdentityFixture::TEXT"]
    assert_equal File.join(__dir__, "there_is_no_such_file"), autoload_of_fixture
  end

  def test_globals_are_looked_at_and_rubys_own_are_not
    $identity_of_a_test = "#{IdentityFixture::HOST}:#{Process.pid}"
    found = Sidekiq::Swarm::Identities.new.find.map(&:first).grep(/\Aglobal/)

    assert_equal ["global $identity_of_a_test"], found
  ensure
    $identity_of_a_test = nil
  end

  def test_what_swarm_forgets_itself_is_left_out
    known = Sidekiq::Swarm::Identities::KNOWN

    assert_includes known, "Sidekiq::Component @@identity"
    in_fork do
      Object.const_set(:RedisClient, Module.new)
      RedisClient.const_set(:PIDCache, Module.new { @pid = Process.pid })
      RedisClient.const_set(:PIDCACHE, Process.pid)
      names = Sidekiq::Swarm::Identities.new.find.map(&:first)
      assert_includes names, "RedisClient::PIDCACHE"
      refute_includes names, "RedisClient::PIDCache @pid"
    end
  end

  def test_another_process_is_not_this_one
    assert_empty Sidekiq::Swarm::Identities.new(pid: 1 << 23).find
  end

  private

  def autoload_of_fixture
    Module.instance_method(:autoload?).bind_call(IdentityFixture, :NeverLoaded)
  end
end
