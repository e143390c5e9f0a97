# frozen_string_literal: true

# Warms a booted mold: what each worker would build for itself at its first jobs, and keep in memory of its own,
# is built once, before the fork. It owns the order; each kind of warmth is a file of warm/, measurable by
# itself. A kind that fails is told as a step and fails no boot. It must not write to a database, nor to Redis.

require_relative "failure"
require_relative "practice"
require_relative "steps"
require_relative "warmup_run"
require_relative "warm/callbacks"
require_relative "warm/job_classes"
require_relative "warm/libraries"
require_relative "warm/processor"
require_relative "warm/records"
require_relative "warm/translations"
require_relative "warm/views"

module Sidekiq
  module Swarm
    # The warm-up of one mold.
    class Warm
      # By the name of the step, in this order. Each answers to run(adapter): false or nil where there is nothing
      # of its kind.
      KINDS = {
        "warm_libraries" => Libraries, "warm_translations" => Translations, "warm_records" => Records,
        "warm_views" => Views, "warm_callbacks" => Callbacks, "warm_jobs" => JobClasses,
        "warm_processor" => Processor
      }.freeze

      def initialize(adapter)
        @adapter = adapter
      end

      # Everything between eager loading and before_fork.
      def run
        hooks(:before_warmup)
        KINDS.each { |name, kind| attempt(name, kind) }
        practise unless Swarm.hooks.places(:warmup).empty?
        Practice.forget
      end

      private

      def hooks(kind, *arguments)
        return if Swarm.hooks.places(kind).empty?

        Failure.during(kind.to_s) { Steps.measure(kind.to_s) { Swarm.hooks.run(kind, *arguments) } }
      end

      def practise
        hooks(:warmup, WarmupRun.new(Practice.new(@adapter.config)))
      end

      # One kind; what it raises costs its warmth alone.
      def attempt(name, kind)
        started = Steps.now_ms
        found = kind.run(@adapter)
        Native.step(name, Steps.now_ms - started) if found
      rescue StandardError, ScriptError, SystemStackError => e
        Native.step("#{name} left out: #{Failure.clean(e.class.name)}", Steps.now_ms - started)
      end
    end
  end
end
