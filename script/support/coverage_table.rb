# frozen_string_literal: true

require "json"
require "open3"

# Reads gcov's counters of a build and writes the table of docs/coverage.md between its markers.
class CoverageTable
  ROOT = File.expand_path("../..", __dir__)
  DOCUMENT = File.join(ROOT, "docs/coverage.md")
  MARKERS = ["<!-- script/coverage writes from here -->", "<!-- to here -->"].freeze
  OURS = %r{\A(master|rss)/[^/]+\.(c|cpp)\z}

  # Lines and branches of one file, run and in all.
  Row = Struct.new(:name, :lines_run, :lines, :branches_run, :branches) do
    def cells
      [name, lines, share(lines_run, lines), branches, share(branches_run, branches)]
    end

    def share(part, whole)
      whole.zero? ? "-" : format("%.1f %%", 100.0 * part / whole)
    end
  end

  def initialize(build)
    @build = build
    @lines = Hash.new { |hash, file| hash[file] = Hash.new(0) }
    @branches = Hash.new { |hash, file| hash[file] = Hash.new(0) }
  end

  # print  whether the table is only shown, with the lines that were not run
  def call(print)
    Dir.glob("#{@build}/**/*.gcda").each { |counters| read(counters) }
    abort "no counters in #{@build}" if @lines.empty?
    print ? show : write
  end

  private

  def read(counters)
    json, status = Open3.capture2("gcov", "--json-format", "--stdout", "--branch-probabilities",
                                  counters, err: File::NULL)
    raise "gcov cannot read #{counters}" unless status.success?

    json.each_line { |line| JSON.parse(line)["files"].each { |file| add(file) } }
  end

  # A header's or a file's lines come once for each object that holds them: their runs are added.
  def add(file)
    name = File.expand_path(file["file"], @build).delete_prefix("#{ROOT}/")
    return unless name.match?(OURS)

    file["lines"].each do |line|
      @lines[name][line["line_number"]] += line["count"]
      line["branches"].reject { |branch| branch["throw"] }.each_with_index do |branch, index|
        @branches[name][[line["line_number"], line["function_name"], index]] += branch["count"]
      end
    end
  end

  def rows
    rows = @lines.keys.sort.map do |name|
      Row.new(name, *run_and_all(@lines[name]), *run_and_all(@branches[name]))
    end
    sums = %i[lines_run lines branches_run branches].map { |field| rows.sum(&field) }
    rows << Row.new("all", *sums)
  end

  def run_and_all(counts)
    [counts.values.count(&:positive?), counts.size]
  end

  def table
    head = ["| file | lines | run | branches | taken |", "|---|---:|---:|---:|---:|"]
    head.concat(rows.map { |row| "| #{row.cells.join(" | ")} |" }).join("\n")
  end

  def show
    puts table
    @lines.sort.each do |name, counts|
      missed = counts.select { |_, count| count.zero? }.keys.sort
      puts "#{name}: #{ranges(missed)}" unless missed.empty?
    end
  end

  def ranges(numbers)
    numbers.slice_when { |a, b| b > a + 1 }.map { |run| run.minmax.uniq.join("-") }.join(" ")
  end

  def write
    text = File.read(DOCUMENT)
    from, to = MARKERS.map { |marker| text.index(marker) || abort("#{DOCUMENT} has no #{marker}") }
    File.write(DOCUMENT, "#{text[0, from]}#{MARKERS[0]}\n\n#{table}\n\n#{text[to..]}")
    puts "#{DOCUMENT}: #{rows.last.cells.join(", ")}"
  end
end

CoverageTable.new(ARGV.fetch(0)).call(ARGV[1] == "--print")
