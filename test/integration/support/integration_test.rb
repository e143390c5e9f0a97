# frozen_string_literal: true

require "bundler"
require "fileutils"
require "minitest/autorun"
require "tmpdir"

require_relative "../../support/deadline"
require_relative "redis_server"
require_relative "service"

# A test of the real binaries, with a Redis and a folder of its own. Whatever it starts is ended with it; a
# process that outlives a master is a failure of the test.
class IntegrationTest < Minitest::Test
  FIXTURES = File.expand_path("../../fixtures", __dir__)
  PLAIN = File.join(FIXTURES, "plain/app.rb")
  RAILS = File.join(FIXTURES, "rails")

  attr_reader :redis, :folder

  def setup
    skip "the binary #{Service::BINARY} is not built" unless File.executable?(Service::BINARY)
    @services = []
    @folder = Dir.mktmpdir("swarm-test")
    @redis = RedisServer.new.start
  end

  def teardown
    strays = (@services || []).flat_map(&:destroy)
    flunk "these outlived their master: #{strays.inspect}" if strays.any? && passed?
  ensure
    print_logs unless passed? || skipped?
    @redis&.destroy
    FileUtils.rm_rf(@folder) if @folder
  end

  # Starts swarm with these words. The environment is that of `bundle exec`, and Redis is the test's.
  def swarm(*arguments, env: {}, **options)
    env = { "REDIS_URL" => redis.url }.merge(env)
    @services << (service = Service.new(folder: folder, arguments: arguments.map(&:to_s), env: env, **options))
    service.start
  end

  # Starts swarm with the plain application: processes, then more words for swarm or Sidekiq.
  def plain(processes, *more, **options)
    swarm("--processes", processes, *more, "-r", PLAIN, **options)
  end

  # The lines of the journal so far; with a word: those that begin with it.
  def journal(word = "")
    path = journal_env.fetch("PLAIN_JOURNAL")
    lines = File.exist?(path) ? File.readlines(path, chomp: true) : []
    lines.select { |line| line.start_with?(word) }
  end

  # The pids in such lines, in their order.
  def journal_pids(word)
    journal(word).map { |line| Integer(line[/\bpid=(\d+)/, 1]) }
  end

  # The environment that makes the plain application keep a journal.
  def journal_env
    { "PLAIN_JOURNAL" => File.join(folder, "journal") }
  end

  # The environment that makes the plain application listen to trouble.
  def trouble_env
    { "PLAIN_TROUBLE" => File.join(folder, "trouble") }
  end

  # From now on the plain application does this, e.g. "after_fork raise"; nil ends it.
  def trouble(order)
    path = trouble_env.fetch("PLAIN_TROUBLE")
    File.write("#{path}.new", order.to_s)
    File.rename("#{path}.new", path)
  end

  # Writes an application of this test's own and returns its path.
  def write_application(text, name: "app.rb")
    path = File.join(folder, name)
    File.write(path, text)
    path
  end

  # Waits until the number under a key in Redis has reached so much.
  def wait_for_count(service, key, number)
    service.wait("#{key} = #{number} in Redis") { redis.count(key) >= number }
  end

  # The service must leave with this code and leave nothing behind.
  def assert_leaves(service, code)
    status = service.wait_for_exit(120)
    assert_equal code, status.exitstatus, "swarm left with #{status}"
    service.wait_until_all_gone
  end

  # A clean stop by TERM.
  def assert_stops(service)
    status = service.stop
    assert status.success?, "swarm left with #{status}"
  end

  private

  def print_logs
    @services.each do |service|
      warn "---- log of #{self.class}##{name}, pid #{service.pid} (#{service.exit_status || "still there"})"
      warn service.log
      warn "----"
    end
  end
end
