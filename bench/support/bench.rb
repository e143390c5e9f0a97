# frozen_string_literal: true

require "bundler/setup"
require "fileutils"
require "tmpdir"

require_relative "../../test/support/deadline"
require_relative "../../test/integration/support/redis_server"
require_relative "../../test/integration/support/service"
require_relative "figures"
require_relative "manager"

# What every measurement shares: a Redis and a folder of its own, the services that are measured, and their end, also
# when it is interrupted.
class Bench
  # A signal arrived.
  class Interrupted < StandardError; end

  SHOP = File.expand_path("../shop", __dir__)

  attr_reader :redis

  # Runs the measurement of a subclass and leaves.
  def self.run
    %w[INT TERM HUP].each { |name| trap(name) { raise Interrupted, "interrupted by #{name}" } }
    $stdout.sync = true
    bench = new
    bench.begin
    bench.measure
  rescue Interrupted, Deadline::Missed => e
    abort "bench: #{e.message}"
  ensure
    %w[INT TERM HUP].each { |name| trap(name) { @interrupted = true } }
    bench&.destroy
  end

  def initialize
    @running = []
  end

  def begin
    @folder = Dir.mktmpdir("swarm-bench")
    @redis = RedisServer.new
    @redis.start
  end

  def destroy
    @running.each(&:destroy)
    @redis&.destroy
    FileUtils.rm_rf(@folder) if @folder
  end

  private

  # Starts swarm on the shop.
  def swarm(*words, env: {})
    start(Service.new(folder: folder("swarm"), arguments: words.map(&:to_s) + shop, env: environment.merge(env)))
  end

  # Starts sidekiq-process_manager on the shop.
  def manager(processes, env: {})
    words = ["--processes", processes.to_s, "--prefork", "--", *shop]
    start(Manager.new(folder: folder("manager"), arguments: words, env: environment.merge(env)))
  end

  def shop
    ["-r", SHOP, "-e", "production"]
  end

  def start(service)
    @running << service
    service.start
  end

  def stop(service)
    service.stop
    @running.delete(service)
  end

  # What is measured goes before the other work of a busy machine. Workers that are forked later inherit it.
  def favour(service)
    others = [Process.pid, Integer(redis.call("INFO", "server")[/process_id:(\d+)/, 1])]
    (service.processes.map(&:pid) + others).each { |pid| schedule("--rr", 1, pid) }
  end

  # Who has left meanwhile needs none.
  def schedule(policy, priority, pid)
    return if system("chrt", "--all-tasks", policy, "--pid", priority.to_s, pid.to_s)

    raise "chrt failed for process #{pid}" if File.exist?("/proc/#{pid}")
  end

  def environment
    { "REDIS_URL" => redis.url, "RAILS_ENV" => "production",
      "BOOKSHOP_DATABASE" => File.join(@folder, "shop.sqlite3") }
  end

  def folder(name)
    @number = @number.to_i + 1
    File.join(@folder, "#{name}-#{@number}").tap { |path| Dir.mkdir(path) }
  end

  # Where and under which load the figures were taken.
  def surroundings
    system = File.read("/etc/os-release")[/^PRETTY_NAME="(.+)"/, 1]
    puts "#{system}, #{Etc.nprocessors} cores, Linux #{Etc.uname[:release][/\A[\d.]+\d/]}, Ruby #{RUBY_VERSION}; " \
         "load average of the last minute #{Figures.load_average}."
  end

  # A table in Markdown. The first column is text.
  def table(head, rows)
    widths = [head, *rows].transpose.map { |column| column.map { |cell| cell.to_s.size }.max }
    puts
    puts row(head, widths)
    puts row(widths.each_with_index.map { |width, index| rule(width, index) }, widths)
    rows.each { |cells| puts row(cells, widths) }
    puts
  end

  def row(cells, widths)
    "|#{cells.zip(widths).each_with_index.map do |(cell, width), index|
      " #{index.zero? ? cell.to_s.ljust(width) : cell.to_s.rjust(width)} "
    end.join("|")}|"
  end

  # Numbers stand on the right.
  def rule(width, index)
    index.zero? ? "-" * width : "#{"-" * (width - 1)}:"
  end

  def median(numbers)
    sorted = numbers.sort
    middle = sorted.size / 2
    sorted.size.odd? ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0
  end

  def mib(kib)
    format("%.1f MB", kib / 1024.0)
  end
end
