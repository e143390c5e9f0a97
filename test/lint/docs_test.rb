# frozen_string_literal: true

require "json"
require "minitest/autorun"
require "open3"
require_relative "source_tree"

# The documents against the project that they describe. Prose is nobody's business here: only what can be
# looked up is.
class DocsTest < Minitest::Test
  include SourceTree

  DOCUMENTS = Dir.glob(%w[*.md docs/*.md bench/*.md test/**/*.md], base: ROOT).sort.freeze
  LINK = /\[[^\]\n]*\]\(([^)\s]+)\)/
  FENCE = /^```.*?^```$/m
  # Paths that only one machine has.
  MACHINE_PATHS = %r"(?<![\w.}])/(?:home|Users|root|work|tmp)/\w"
  # Words of a `swarm` line that are Sidekiq's.
  SIDEKIQ_OPTIONS = %w[--config].freeze

  def test_links_between_documents_lead_somewhere
    broken = links.reject { |from, target| leads_somewhere?(from, target) }
    assert_empty(broken.map { |from, target| "#{from}: #{target}" })
  end

  def test_the_readme_leads_to_each_document
    told = links.filter_map { |from, target| target if from == "README.md" }
    assert_empty Dir.glob("docs/*.md", base: ROOT) - told
  end

  def test_each_event_is_in_the_log_document
    events = text("master/events.h").scan(/^ +X\(\w+, "(\w+)"/).flatten
    refute_empty events
    assert_equal events, text("docs/log.md").scan(/^\| `(\w+)` \| (?:debug|info|warn|error) \|/).flatten
  end

  def test_the_event_table_is_the_one_of_the_code
    program = path("#{ENV.fetch("SWARM_DOCS_BUILD", "build")}/tools/swarm-docs")
    assert_path_exists program, "run script/setup first"
    table, status = Open3.capture2(program, "events")
    assert_predicate status, :success?
    assert_includes text("docs/log.md"), table, "docs/log.md is older than the event table: run script/docs"
  end

  def test_each_reason_is_in_the_log_document
    reasons = text("master/slot.c").scan(/\[REASON_\w+\] = "(\w+)"/).flatten - ["none"]
    refute_empty reasons
    assert_empty reasons - first_cells("docs/log.md")
  end

  def test_each_option_is_in_the_configuration_document
    headings = text("docs/configuration.md").lines.grep(/^### /).join
    refute_empty options
    assert_empty(options.reject { |name| headings.include?("--#{name}") || headings.include?("`#{name}`") })
  end

  def test_each_inherited_variable_is_in_the_readme
    variables = text("master/options_table.h").scan(/^ +INHERITED\(\w+, "(\w+)"/).flatten
    refute_empty variables
    assert_empty(variables.reject { |name| text("README.md").include?("`#{name}`") })
  end

  def test_exit_codes_of_the_readme_are_those_of_the_code
    codes = text("master/exit_code.h").scan(/EXIT_CODE_\w+\s*=\s*(\d+)/).flatten
    told = text("README.md")[/^## Exit codes$.*?(?=^## )/m].scan(/^\| (\d+) \|/).flatten
    assert_equal codes, told
  end

  def test_each_signal_of_the_master_is_told
    signals = text("master/signals.c")[/\bcaught\[\] = \{(.*?)\}/m, 1].scan(/SIG(\w+)/).flatten
    refute_empty signals
    assert_empty(signals.reject { |name| text("docs/signals.md").include?("`#{name}`") })
  end

  def test_each_message_of_the_wire_is_in_the_architecture
    messages = text("master/wire.h")[/enum wire_type \{.*?\}/m].scan(/WIRE_([A-Z_]+)/).flatten - %w[TYPE_END]
    section = text("docs/architecture.md")[/^## The wire$.*?(?=^## )/m]
    assert_empty(messages.reject { |name| section.include?("`#{name.downcase}`") })
  end

  def test_scripts_that_are_named_exist
    named = everywhere(%r{(?<![\w/.-])(?:script|\.ci|test|bench)/[\w/.-]*\w})
    missing = named.reject { |_, file| File.exist?(path(file)) }
    assert_empty(missing.map { |from, file| "#{from}: #{file}" })
    scripts = named.map(&:last).grep(%r{\A(script|\.ci)/\w+\z})
    assert_empty(scripts.reject { |file| File.executable?(path(file)) })
  end

  def test_verbs_that_are_named_exist
    verbs = text("master/options.c").scan(/\[OPTIONS_VERB_\w+\] = \{\.name = "(\w+)"/).flatten
    refute_empty verbs
    wrong = commands.reject { |_, line| verbs.include?(line[/\Aswarm ([a-z]+)\b/, 1] || verbs.first) }
    assert_empty(wrong.map { |from, line| "#{from}: #{line}" })
  end

  def test_options_of_swarm_lines_exist
    named = commands.flat_map { |from, line| line.scan(/(?<= )--[a-z][\w-]*/).map { |option| [from, option] } }
    assert_empty(named.reject { |_, option| known_option?(option) }.map { |from, option| "#{from}: #{option}" })
  end

  def test_presets_that_are_named_exist
    presets = JSON.parse(text("CMakePresets.json")).fetch("configurePresets").map { |preset| preset["name"] }
    named = everywhere(/cmake --preset (\S+)/)
    assert_empty(named.reject { |_, preset| presets.include?(preset) })
  end

  def test_packages_of_the_readme_are_those_of_the_setup
    told = text("README.md")[/apt-get install (.*?)^\S/m, 1].tr("\\", " ").split
    assert_includes told, "libev-dev"
    assert_empty told - text("script/setup").scan(/[a-z][a-z0-9+-]+/)
  end

  def test_versions_that_it_was_run_with
    gemfiles = Dir.glob("test/gemfiles/*", base: ROOT).map { |file| text(file) }.join
    told = text("README.md")[/^## Versions$.*?(?=^## |\z)/m].scan(/\b(Sidekiq|Rails) (\d+\.\d+\.\d+)/)
    refute_empty told
    assert_empty(told.reject { |name, version| gemfiles.include?(%(gem "#{name.downcase}", "#{version}")) })
  end

  def test_no_path_of_one_machine_is_named
    assert_empty(everywhere(MACHINE_PATHS))
  end

  private

  def links
    DOCUMENTS.flat_map do |from|
      text(from).gsub(FENCE, "").scan(LINK).flatten.grep_v(/\A[a-z]+:/).map { |target| [from, target] }
    end
  end

  def leads_somewhere?(from, target)
    file, anchor = target.split("#", 2)
    file = file.empty? ? from : File.expand_path(file, "/#{File.dirname(from)}").delete_prefix("/")
    return false unless File.exist?(path(file))

    anchor.nil? || anchors(file).include?(anchor)
  end

  # As GitHub makes them of headings.
  def anchors(file)
    text(file).gsub(FENCE, "").scan(/^#+ (.+)$/).flatten.map do |heading|
      heading.downcase.gsub(/[^\w\- ]/, "").tr(" ", "-")
    end
  end

  # [document, what the pattern's first group, or all of it, found]
  def everywhere(pattern)
    DOCUMENTS.flat_map do |from|
      text(from).each_line.flat_map { |line| line.scan(pattern).flatten }.map { |found| [from, found] }
    end
  end

  # Lines that begin with `swarm`, as code within a sentence or in a block of their own.
  def commands
    DOCUMENTS.flat_map do |from|
      blocks = text(from).scan(FENCE).join("\n").scan(/^(?:\$ )?(swarm [a-z-].*)/)
      (blocks + text(from).gsub(FENCE, "").scan(/`(swarm [a-z-][^`\n]*)`/)).flatten.map { |line| [from, line] }
    end
  end

  def first_cells(file)
    text(file).scan(/^\| `([^`]+)`/).flatten
  end

  def options
    @options ||= text("master/options_table.h").scan(/\.name = "([\w-]+)"/).flatten
  end

  def known_option?(option)
    name = option.delete_prefix("--")
    aliases = text("master/options_table.h").scan(/\.alias = "([\w-]+)"/).flatten
    flags = text("master/options.c").scan(/\[--(\w+)(?: [A-Z]+)?\]/).flatten
    known = options + aliases + flags + %w[help version no-prefork]
    known.include?(name) || SIDEKIQ_OPTIONS.include?(option)
  end
end
