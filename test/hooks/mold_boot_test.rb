# frozen_string_literal: true

require_relative "support/mold_test"

# The boot: what the application finds, how it ends when it fails, which Ruby it runs on.
class MoldBootTest < MoldTest
  def test_the_facts_and_steps_reach_the_master
    boot
    assert_equal [RUBY_DESCRIPTION, "traps", 1000, 3], @facts.fields.values_at(:ruby, :tag, :timeout_ms, :concurrency)
    assert_operator @facts[:boot_ms], :>, 0
    assert_equal "app", @master.link.messages.find { |message| message.type == :step }[:name]
  end

  def test_the_application_sees_the_arguments_and_name_of_sidekiqs_command
    boot("Traps.say(argv: ARGV, zero: $0, stdin: $stdin.read)", arguments: ["app.rb", "-c", "5", "-q", "a,2"])
    assert_equal [["app.rb", "-c", "5", "-q", "a,2"]], said(:argv)
    assert_equal ["sidekiq"], said(:zero)
    assert_equal [""], said(:stdin)
  end

  # What is lost where a VM is booted otherwise than by ruby_options.
  def test_the_vm_is_what_the_ruby_command_boots
    File.write(@stage.path("work/vm.rb"), <<~'RUBY')
      VM = { encoding: Encoding.default_external.name, inside: Encoding.default_internal.inspect, gem: Gem::VERSION,
             path: $LOAD_PATH.reject { |folder| folder.include?("swarm") }, verbose: $VERBOSE,
             limit: GC.stat(:malloc_increase_bytes_limit), features: $LOADED_FEATURES.grep(/rubygems\.rb/) }
    RUBY
    settings = { "RUBYOPT" => "-W1 -EISO-8859-1:UTF-8", "RUBYLIB" => "/an/extra", "RUBY_GC_MALLOC_LIMIT" => "33554432" }
    boot("require './vm'; Traps.say(vm: VM)", more: settings)
    command = [@stage.environment(settings), RbConfig.ruby, "-r./vm", "-rjson", "-e", "print JSON.generate(VM)"]
    plain = IO.popen([*command, { unsetenv_others: true, chdir: @stage.path("work") }], &:read)
    assert_equal JSON.parse(plain, symbolize_names: true), said(:vm).first
    assert_equal 33_554_432, said(:vm).first[:limit]
  end

  def test_the_options_reach_ruby
    boot("Traps.say(options: Sidekiq::Swarm::Native.options)",
         options: ["--fork-hooks", "--preload-groups", "default,extra", "--preboot", "first.rb", "--prepare",
                   "no-compact", "--eager-load", "--no-warm", "--strict-fork"])
    expected = { role: "mold", preload: "app", preload_groups: "default,extra", preboot: "first.rb", fork_hooks: true,
                 prepare: "no-compact", eager_load: true, warm: false, strict_fork: true, check: false, generation: 7,
                 slot: 0, index: 0, arguments: ["app.rb"], hooks_path: TrapsStage::HOOKS }
    assert_equal expected, said(:options).first
  end

  def test_an_application_that_raises_ends_with_1_and_is_told
    assert_equal 1, boot_badly("raise ArgumentError, 'no such thing'").exitstatus
    failure = @master.link.expect(:failure)
    assert_equal ["boot", "ArgumentError", "no such thing"], failure.fields.values_at(:stage, :kind, :text)
    assert_equal 1, failure[:exit_code]
    assert_match(/app\.rb:1/, failure[:place])
    assert_match(/no such thing \(ArgumentError\)/, @stage.log)
  end

  def test_a_syntax_error_ends_with_1
    assert_equal 1, boot_badly("def (").exitstatus
    assert_equal "SyntaxError", @master.link.expect(:failure)[:kind]
  end

  def test_exit_42_ends_with_42
    assert_equal 42, boot_badly("at_exit { Traps.say(at_exit: true) }; exit 42").exitstatus
    assert_equal [true], said(:at_exit)
  end

  def test_exit_now_ends_at_once
    assert_equal 43, boot_badly("exit!(43)").exitstatus
    assert @master.link.ends?
  end

  def test_a_death_by_signal_stays_one
    assert_equal Signal.list["ABRT"], boot_badly("Process.kill(:ABRT, $$); sleep").termsig
  end

  def test_a_required_file_that_fails_ends_the_boot_before_the_application
    @stage.app("")
    @master.start(more: { "RUBYOPT" => "-r./missing" })
    failure = @master.link.expect(:failure)
    assert_equal "ruby", failure[:stage]
    # From Ruby 3.3 on ruby_options prints the exception and forgets it.
    assert_includes %w[LoadError unknown], failure[:kind]
    assert_match(/missing|what Ruby printed/, failure[:text])
    assert_equal 1, @master.status.exitstatus
  end

  def test_a_missing_gem_ends_the_boot_before_the_application
    File.write(@stage.path("work/Gemfile"), "source Gem.sources.first\ngem 'no-such-gem-anywhere', '= 99.0'\n")
    @stage.app("Traps.say(ran: true)")
    @master.start
    assert_equal "ruby", @master.link.expect(:failure)[:stage]
    refute_equal 0, @master.status.exitstatus
    assert_match(/no-such-gem-anywhere/, @stage.log)
    assert_empty @stage.said
  end

  def test_a_gemfile_in_the_working_directory_is_set_up_as_bundle_exec_does
    boot_bundled({})
    bundled = said(:bundled).first
    assert bundled[:bundler]
    assert_match(%r{\A-r/\S+/bundler/setup\z}, bundled[:rubyopt])
    assert_nil bundled[:original]
  end

  def test_rubyopt_of_the_user_comes_back_without_bundler
    boot_bundled({ "RUBYOPT" => "-W0" })
    bundled = said(:bundled).first
    assert_match(%r{\A-r/\S+/bundler/setup -W0\z}, bundled[:rubyopt])
    assert_equal "-W0", bundled[:original]
  end

  def test_bundle_exec_is_passed_through
    boot_bundled({ "RUBYOPT" => "-rbundler/setup", "BUNDLER_ORIG_RUBYOPT" => "-W1" })
    assert_equal "-W1", said(:bundled).first[:original]
  end

  def test_without_a_gemfile_there_is_no_bundler
    boot("Traps.say(bundler: defined?(Bundler).inspect, rubyopt: ENV.key?('RUBYOPT'))")
    assert_equal({ bundler: "nil", rubyopt: false }, @stage.said.first)
  end

  # A wrong libruby runs without complaint until it does not: the versions are compared before any Ruby code runs.
  def test_a_libruby_of_another_version_is_refused_by_name
    library = build_library("const int ruby_api_version[3] = {9, 8, 0};")
    @stage.app("Traps.say(ran: true)")
    @master.start(more: { "LD_PRELOAD" => library })
    failure = @master.link.expect(:failure)
    assert_equal ["RubyMismatch", 78], failure.fields.values_at(:kind, :exit_code)
    built = RbConfig::CONFIG.values_at("MAJOR", "MINOR").join(".")
    assert_match(/built for Ruby #{built} and runs on the libruby of Ruby 9\.8.*script\/setup/, failure[:text])
    assert_equal 78, @master.status.exitstatus
    assert_match(/Ruby 9\.8/, @stage.log)
    assert_empty @stage.said
  end

  def test_unknown_words_are_refused
    @stage.app("")
    @master.start(options: ["--what"])
    assert_equal 64, @master.status.exitstatus
    assert_match(/what is "--what"/, @stage.log)
  end

  private

  def boot_badly(code)
    @stage.app(code)
    @master.start
    @master.status
  end

  def boot_bundled(more)
    File.write(@stage.path("work/Gemfile"), "# no gems\n")
    boot(<<~RUBY, more: more)
      Traps.say(bundled: { bundler: defined?(Bundler) ? true : false, rubyopt: ENV["RUBYOPT"],
                           original: Bundler.with_original_env { ENV["RUBYOPT"] } })
    RUBY
  end
end
