# frozen_string_literal: true

require "fileutils"
require "tmpdir"

# A mold's Ruby side with an application of the test's own and the real Sidekiq, in a fork each: nothing that is
# loaded there is left.
module InApplication
  OPTIONS = { role: :mold, preload: :app, preload_groups: nil, preboot: nil, fork_hooks: true, prepare: :none,
              eager_load: false, warm: false, strict_fork: false, generation: 1, slot: 0, index: 0 }.freeze
  BOOT = File.expand_path("../../../hooks/lib/sidekiq/swarm/boot.rb", __dir__)

  def setup
    @folder = Dir.mktmpdir("swarm-hooks")
  end

  def teardown
    FileUtils.rm_rf(@folder)
  end

  private

  # The block's value in a fork that has booted a mold with this application; @facts are what boot returned.
  def in_mold(application, *arguments, **options, &block)
    in_options(application, *arguments, **options) do
      @facts = Sidekiq::Swarm::Runtime.boot
      instance_exec(&block)
    end
  end

  # The block's value in a fork that is about to boot.
  def in_options(application, *arguments, **options, &block)
    path = File.join(@folder, "app.rb")
    File.write(path, application)
    in_fork do
      ENV.delete("REDIS_URL")
      RecordedNative.options = OPTIONS.merge(arguments: ["-r", path, *arguments], **options)
      load BOOT
      instance_exec(&block)
    end
  end

  # What the mold has told of failures: [stage, class, text].
  def told_failures
    RecordedNative.calls.select { |call| call.first == :failure }.map { |call| call[1..3] }
  end

  # The names of the steps so far.
  def steps
    RecordedNative.calls.select { |call| call.first == :step }.map { |call| call[1] }
  end
end
