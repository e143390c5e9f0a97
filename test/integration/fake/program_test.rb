# frozen_string_literal: true

require "minitest/autorun"
require "open3"
require "tmpdir"
require_relative "support/master"

# program_test.rb: what the program prints that starts and asks no service.
class ProgramTest < Minitest::Test
  def test_help
    %w[--help -h help].each do |word|
      output, errors, code = run_swarm(word)
      assert_match(/--max-rss SIZE/, output, word)
      assert_match(/^  status \[--json\]/, output, word)
      assert_equal ["", 0], [errors, code], word
    end
  end

  def test_version
    version = File.read(File.join(Master::ROOT, "CMakeLists.txt"))[/project\(\S+ VERSION (\S+)/, 1]
    %w[--version -V version].each do |word|
      assert_equal ["swarm #{version}\n", "", 0], run_swarm(word), word
    end
  end

  def test_config_prints_values_with_their_origins
    output, errors, code = run_swarm("config", "--max-rss", "800M")
    assert_match(/max-rss.*800M.*--max-rss/, output)
    assert_equal ["", 0], [errors, code]
  end

  def test_a_first_word_that_is_no_verb_is_quoted
    output, errors, code = run_swarm("st\e[31matus")
    assert_match(/st\?\[31matus is not a verb of swarm/, errors)
    refute_includes errors, "\e"
    assert_equal ["", 64], [output, code]
  end

  private

  # Returns what it wrote to standard output and error, and its exit code.
  def run_swarm(*words)
    Dir.mktmpdir do |folder|
      environment = ENV.slice(*Master::KEPT).merge("LANG" => "C.UTF-8", "HOME" => folder)
      output, errors, status = Open3.capture3(environment, Master::BINARY, *words,
                                              chdir: folder, unsetenv_others: true, stdin_data: "")
      [output, errors, status.exitstatus]
    end
  end
end
