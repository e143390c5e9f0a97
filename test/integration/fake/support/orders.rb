# frozen_string_literal: true

# orders.rb: the file by which a test tells the fake mold to misbehave (test/fake_mold/README.md).
# The fake processes use orders up under the same lock.
class Orders
  attr_reader :path

  def initialize(path)
    @path = path
    set
  end

  # Replaces all orders by these lines.
  def set(*lines)
    change { lines }
  end

  # Adds lines to those that stand.
  def add(*lines)
    change { |old| old + lines }
  end

  # What still stands; used-up orders have the count 0.
  def lines
    File.readlines(@path, chomp: true)
  end

  # True when no counted order is left.
  def used_up?
    lines.none? { |line| line.match?(/\A[1-9]/) }
  end

  private

  def change
    File.open("#{@path}.lock", File::RDWR | File::CREAT, 0o600) do |lock|
      lock.flock(File::LOCK_EX)
      lines = yield(File.exist?(@path) ? self.lines : [])
      File.write("#{@path}.next", lines.map { |line| "#{line}\n" }.join)
      File.rename("#{@path}.next", @path)
    end
  end
end
