# frozen_string_literal: true

require "digest"
require "fileutils"
require "set"

# Chooses the inputs that the project keeps: all that have a name of ours, then of what the fuzzer
# found, again and again the one that reaches most that no earlier one reached.
class FuzzChoose
  FILES_MAX = 60
  BYTES_MAX = 4096
  FOUND = "found_"

  # notes   the file that libFuzzer's -merge_control_file wrote: "FT 3 11 12 …", the features of
  #         the fourth input; the inputs' names stand at its head
  # corpus  the folder that is changed
  def initialize(notes, corpus)
    @corpus = corpus
    lines = File.readlines(notes, chomp: true)
    count = Integer(lines[0])
    @names = lines[2, count]
    @features = Hash.new { |hash, key| hash[key] = Set.new }
    lines.drop(2 + count).each { |line| note(line) }
  end

  def call
    named = Dir.children(@corpus).reject { |file| file.start_with?(FOUND) }
    reached = @names.select { |name| named?(name) }.map { |name| @features[name] }.reduce(Set.new, :|)
    chosen = choose(reached, FILES_MAX - named.size).map { |name| File.binread(name) }
    FileUtils.rm(Dir.glob(File.join(@corpus, "#{FOUND}*")))
    chosen.each { |input| File.binwrite(File.join(@corpus, found_name(input)), input) }
    puts "#{@corpus}: #{named.size} with a name, #{chosen.size} found"
  end

  private

  def note(line)
    kind, index, *features = line.split
    @features[@names[Integer(index)]].merge(features) if kind == "FT"
  end

  def named?(name)
    File.dirname(name) == @corpus && !File.basename(name).start_with?(FOUND)
  end

  def found_name(input)
    "#{FOUND}#{Digest::SHA256.hexdigest(input)[0, 12]}"
  end

  def choose(reached, room)
    candidates = @names.reject { |name| named?(name) || File.size(name) > BYTES_MAX }
    chosen = []
    while chosen.size < room
      best = candidates.max_by { |name| [(@features[name] - reached).size, -File.size(name)] }
      break if best.nil? || (@features[best] - reached).empty?

      chosen << best
      reached |= @features[best]
    end
    chosen
  end
end

FuzzChoose.new(*ARGV).call
