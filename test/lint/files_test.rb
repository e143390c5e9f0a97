# frozen_string_literal: true

require "minitest/autorun"
require_relative "source_tree"

# Rules for every committed file.
class FilesTest < Minitest::Test
  include SourceTree

  # Gems and packages come from wherever this machine is set to.
  HOSTS = /\b(?:rubygems\.org|index\.rubygems|deb\.debian\.org|pypi\.org|registry\.npmjs)\b/
  # Paths of one person's machine.
  HOME_PATHS = %r"(?<![\w.}])/(?:home|Users|root|work)/\w"
  UNFINISHED = /\b(?:TODO|FIXME|XXX|HACK)\b/

  def test_no_registry_host_is_named
    assert_empty matches(HOSTS)
  end

  def test_no_path_of_one_machine_is_named
    assert_empty matches(HOME_PATHS)
  end

  def test_nothing_is_marked_unfinished
    assert_empty matches(UNFINISHED)
  end

  def test_no_lock_file_is_committed
    assert_empty committed.grep(/\.lock\z/)
  end

  def test_versions_agree
    build = text("CMakeLists.txt")[/project\(.*?VERSION (\S+)/m, 1]
    gem = text("hooks/lib/sidekiq/swarm/version.rb")[/VERSION = "(.+)"/, 1]
    assert_equal build, gem
  end

  def test_ruby_strings_are_frozen
    thawed = project_files.grep(/\.(rb|gemspec|gemfile)\z/).grep_v(%r{\Atest/fixtures/}).reject do |file|
      text(file).lines.first(3).join.include?("# frozen_string_literal: true")
    end
    assert_empty thawed
  end

  # The comment at the head of a C file: what it is, what it owns, what it must not do.
  def test_c_files_begin_with_a_comment
    files = source_files("{master,rss,hooks,test}/**/*.{c,h,cpp}")
    assert_empty(files.reject { |file| text(file).lstrip.start_with?("/*", "//") })
  end

  def test_c_files_stay_readable_in_size
    long = source_files("{master,rss,hooks}/**/*.{c,h,cpp}").select { |file| text(file).lines.size > 500 }
    assert_empty long, "look for the second concept in these files"
  end

  private

  def committed
    IO.popen(["git", "-C", ROOT, "ls-files", "-z"], err: File::NULL, &:read).split("\0")
  end

  def matches(pattern)
    (project_files - ["test/lint/files_test.rb"]).reject { |file| binary?(file) }.flat_map do |file|
      text(file).each_line.with_index(1).filter_map do |line, number|
        "#{file}:#{number}: #{line.strip}" if line.match?(pattern)
      end
    end
  end

  def binary?(file)
    File.binread(path(file), 4096).to_s.include?("\0")
  end
end
