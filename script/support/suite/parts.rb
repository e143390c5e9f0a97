# frozen_string_literal: true

require "etc"
require "json"
require "open3"
require_relative "command"

module Suite
  # The parts of a test run, in order: each becomes a list of commands. The table PARTS is where a
  # part is added.
  class Parts
    PARTS = %w[lint unit hooks fake integration versions].freeze
    # What each further set of gems runs of the integration tests; the last only where it has Rails.
    OF_EACH_VERSION = %w[boot jobs hooks signals rails].freeze
    BUILDS = { "release" => "build", "sanitizers" => "build-sanitizers" }.freeze
    TIDY_SOURCES = %w[master/*.c rss/*.c hooks/mold/*.c test/fake_mold/*.c tools/*.c].freeze
    FORMAT_SOURCES = "{master,rss,hooks,test,tools,bench}/**/*.{c,h,cpp}"
    SHELL_HEAD = /\A#!.*\b(ba)?sh\b|\A# shellcheck shell=/n
    LLVM = "14"

    # root      the project's folder
    # versions  the sets of gems, besides that of the environment, for the part of that name
    def initialize(root, versions: [])
      @root = root
      @versions = versions
      @logs = File.join(root, "build/test-logs")
      @width = [Etc.nprocessors, 2].min
    end

    # Returns [name, commands at a time, commands] for a part of PARTS.
    def part(name)
      [name, name == "integration" ? 1 : @width, public_send(name)]
    end

    def lint
      tools = [check("clang-format", llvm_check("clang-format", "--dry-run", "-Werror",
                                                *files(FORMAT_SOURCES)))]
      tools << check("shellcheck", ["shellcheck", "-x", *shell_files])
      tools << check("rubocop", ["bundle", "exec", "rubocop", "--cache-root", "build/rubocop-cache",
                                 "--format", "simple"],
                     "BUNDLE_GEMFILE" => File.join(@root, "test/gemfiles/tools.gemfile"))
      tools + tidy + ruby_tests("lint", "test/lint/*_test.rb")
    end

    def unit
      BUILDS.flat_map do |build, folder|
        unit_tests(folder).map do |test|
          Command.new("test/unit/#{test["name"]}.c (#{build})", test["command"],
                      log: log("unit-#{build}", test["name"]), reader: :cmocka,
                      again: true, dir: File.join(@root, folder))
        end
      end
    end

    def hooks
      ruby_tests("hooks", "test/hooks/*_test.rb", again: true)
    end

    def fake
      BUILDS.flat_map do |build, folder|
        ruby_tests("fake-#{build}", "test/integration/fake/*_test.rb", label: " (#{build})",
                   again: true, env: binaries(folder))
      end
    end

    def integration
      ruby_tests("integration", "test/integration/*_test.rb", again: true, env: binaries("build"))
    end

    def versions
      @versions.flat_map do |set|
        gemfile = File.join(@root, "test/gemfiles/#{set}.gemfile")
        tests = OF_EACH_VERSION - (rails?(gemfile) ? [] : ["rails"])
        ruby_tests("versions-#{set}", "test/integration/{#{tests.join(",")}}_test.rb", label: " (#{set})", again: true,
                   env: binaries("build").merge("BUNDLE_GEMFILE" => gemfile))
      end
    end

    private

    def rails?(gemfile)
      File.read(gemfile).match?(/^eval_gemfile "rails/)
    end

    def tidy
      files(*TIDY_SOURCES).map do |file|
        check("clang-tidy #{file}", llvm_check("clang-tidy", "--quiet", "-p", "build", file))
      end
    end

    def binaries(folder)
      bin = File.join(@root, folder, "bin")
      { "SWARM_BIN" => "#{bin}/swarm", "SWARM_FAKE_MOLD" => "#{bin}/fake-mold" }
    end

    def ruby_tests(part, pattern, label: "", env: {}, again: false)
      files(pattern).map do |file|
        Command.new("#{file}#{label}", ["ruby", "-rbundler/setup", "-Itest", file, "-v"],
                    log: log(part, File.basename(file, ".rb")), reader: :minitest, env: env,
                    again: again, dir: @root)
      end
    end

    def check(name, argv, env = {})
      Command.new("lint: #{name}", argv, log: log("lint", name.tr(" /", "--")), reader: :check,
                                         env: env, dir: @root)
    end

    # Formats and verdicts differ between releases of LLVM, so only the one that the project is
    # written with decides.
    def llvm_check(tool, *arguments)
      version, = Open3.capture2e(tool, "--version")
      found = version[/version (\d+)/, 1]
      return [tool, *arguments] if found == LLVM

      ["echo", "skipped: #{tool} #{LLVM} decides, here is #{found || "none"}"]
    rescue SystemCallError
      ["echo", "skipped: #{tool} is not installed"]
    end

    # ctest knows the unit tests of a build; running them here gives their own counts.
    def unit_tests(folder)
      json, status = Open3.capture2("ctest", "--test-dir", File.join(@root, folder),
                                    "--show-only=json-v1")
      raise "ctest cannot list the tests of #{folder}" unless status.success?

      JSON.parse(json).fetch("tests")
    end

    def shell_files
      files("{script,.ci,bench,packaging,test}/**/*").select do |file|
        File.file?(file) && File.open(file, "rb", &:gets).to_s.match?(SHELL_HEAD)
      end
    end

    def files(*patterns)
      Dir.glob(patterns, base: @root).sort
    end

    def log(part, name)
      File.join(@logs, part, "#{name}.log")
    end
  end
end
