# frozen_string_literal: true

require "minitest/autorun"
require_relative "source_tree"

# Includes point downward only. The table below is the order; a file that it does not name fails the
# test, so that a new file is given its place on purpose.
class LayersTest < Minitest::Test
  include SourceTree

  # From the bottom to the top; names without folder are files of master/.
  LAYERS = {
    leaf: %w[util util_text wire board events exit_code log log_line units rss/proc rss/proc2 rss/figures],
    pure: %w[options options_table config config_* mold_environment toml_shim backoff slot pool plan plan_* board_reader
             status_view status_table status_text status_rows status_classes status_recent explain explain_limit
             memory_page memory_map
             top_view top_frame top_page top_worker top_keys top_past control_request rule rule_judge growth
             recent rss/policy rss/policy_* rss/history rss/trend rss/map_kind],
    adapter: %w[reaper reaper_look thread_watch link launch launch_* signals pidfile family control control_path
                control_socket client client_ask top_screen top_signals rss/statm rss/sampler rss/rollup rss/group
                rss/group_* rss/pressure rss/offspring rss/cpu_quota rss/map rss/map_*],
    supervisor: %w[oom_policy facts facts_* act act_* report report_* status status_* orders supervisor
                   runner notify top memory check check_*],
    main: %w[main *_main]
  }.freeze

  def test_every_file_has_a_layer
    lost = c_files.reject { |file| layer(file) }
    assert_empty lost, "Give these files a layer in the table of #{File.basename(__FILE__)}, " \
                       "then include only what stands below it."
  end

  def test_includes_point_downward
    wrong = edges.reject { |from, to| LAYERS.keys.index(layer(to)) <= LAYERS.keys.index(layer(from)) }
    assert_empty(wrong.map { |from, to| "#{from} (#{layer(from)}) includes #{to} (#{layer(to)})" })
  end

  def test_an_adapter_knows_no_other_adapter
    wrong = edges.select { |from, to| layer(from) == :adapter && layer(to) == :adapter }
    wrong.reject! { |from, to| family(from) == family(to) }
    assert_empty(wrong.map { |from, to| "#{from} includes #{to}, another adapter" })
  end

  def test_master_and_rss_never_include_ruby
    assert_empty includers(source_files("{master,rss}/**/*.{c,h,cpp}"), %r{\Aruby(/|\.h\z)})
  end

  def test_hooks_never_include_libev_or_hiredis
    assert_empty includers(source_files("hooks/**/*.{c,h}"), %r{\A(libev/)?ev(\+\+)?\.h\z|hiredis})
  end

  # <ruby.h> stays in a few files, so that no VALUE wanders.
  def test_hooks_include_ruby_in_few_files
    modules = includers(source_files("hooks/**/*.{c,h}"), /\Aruby/).map { |line| line[/\A[^:.]+/] }.uniq
    assert_operator modules.size, :<=, 3, "ruby.h is included by #{modules.join(", ")}"
  end

  private

  def c_files
    source_files("{master,rss}/**/*.{c,h,cpp}")
  end

  # The edges between files that have a layer, [from, to]; a file and its own header are one.
  def edges
    c_files.select { |file| layer(file) }.flat_map do |file|
      includes(file).filter_map { |name| resolve(file, name) }
                    .select { |target| layer(target) && stem(target) != stem(file) }
                    .map { |target| [file, target] }
    end
  end

  def layer(file)
    LAYERS.find { |_, names| names.any? { |name| File.fnmatch(name, stem(file)) } }&.first
  end

  def stem(file)
    file.delete_prefix("master/").sub(/\.\w+\z/, "")
  end

  # control, control_path and control_socket are one adapter in three files.
  def family(file)
    stem(file)[%r{\A[a-z]+(?=[_/]|\z)}]
  end

  def includers(files, pattern)
    files.flat_map do |file|
      includes(file).grep(pattern).map { |name| "#{file}: #{name}" }
    end
  end
end
