# frozen_string_literal: true

# Looks for memoized identities: values kept in modules and globals that name this very process, and would name
# it in every worker. It only looks, through Ruby's own methods: it must not call a method of the application,
# nor load what waits for its first use. What has no pattern (random node ids, keys) it cannot know.

module Sidekiq
  module Swarm
    # The search for this process's number and host in what is memoized.
    class Identities
      # Longer texts are no names of a process.
      LENGTH_MAX = 256
      # A number by itself is no identity, unless its name says so.
      PID_NAME = /pid/i
      # Ruby's own, and what the library English calls them.
      RUBY_GLOBALS = (global_variables + %i[$PID $PROCESS_ID]).freeze
      # Forgotten by Reset; the others are told of a fork by Process._fork.
      KNOWN = ["Sidekiq::Component @@identity", "RedisClient::PIDCache @pid", "Dalli::PIDCache @pid",
               "ActiveSupport::ForkTracker @pid"].freeze

      # Ruby's own methods: a module, or a class of strings, may have redefined its.
      NAME = Module.instance_method(:name)
      SINGLETON = Module.instance_method(:singleton_class?)
      CONSTANTS = Module.instance_method(:constants)
      CONSTANT = Module.instance_method(:const_get)
      AUTOLOAD = Module.instance_method(:autoload?)
      CLASS_VARIABLES = Module.instance_method(:class_variables)
      CLASS_VARIABLE = Module.instance_method(:class_variable_get)
      VARIABLES = Kernel.instance_method(:instance_variables)
      VARIABLE = Kernel.instance_method(:instance_variable_get)
      INCLUDED = String.instance_method(:include?)
      BYTES = String.instance_method(:b)
      SIZE = String.instance_method(:bytesize)
      SCRUBBED = String.instance_method(:scrub)

      # host is a name of this machine.
      def initialize(pid: Process.pid, hosts: self.class.hosts)
        @pid = pid
        @digits = pid.to_s
        @number = /(?<!\d)#{pid}(?!\d)/n
        @host = /(?<![[:alnum:]])(?:#{hosts.map { |host| Regexp.escape(host) }.join("|")})(?![[:alnum:]])/n
      end

      # The names a library would use for this machine.
      def self.hosts
        name = File.read("/proc/sys/kernel/hostname").strip
        [name[/\A[^.]+/], ENV["DYNO"], "localhost"].compact.reject(&:empty?).uniq
      end

      # Pairs of a place and its value: ["Shop::Node @id", "web-1:4711"].
      def find
        @found = {}
        quietly do
          modules { |owner, name| of_module(owner, name) }
          of_globals
        end
        @found.except(*KNOWN).to_a
      end

      private

      # Deprecated constants would warn.
      def quietly
        verbose = $VERBOSE
        deprecated = Warning[:deprecated]
        $VERBOSE = nil
        Warning[:deprecated] = false
        yield
      ensure
        $VERBOSE = verbose
        Warning[:deprecated] = deprecated
      end

      # Modules with a name; the others nobody would find.
      def modules
        ObjectSpace.each_object(Module) do |owner|
          next if Class === owner && SINGLETON.bind_call(owner)

          name = NAME.bind_call(owner)
          yield owner, name if name
        end
      end

      def of_module(owner, name)
        VARIABLES.bind_call(owner).each { |own| note(name, " ", own, VARIABLE.bind_call(owner, own)) }
        CLASS_VARIABLES.bind_call(owner, false).each do |own|
          note(name, " ", own, CLASS_VARIABLE.bind_call(owner, own))
        end
        CONSTANTS.bind_call(owner, false).each do |own|
          next if AUTOLOAD.bind_call(owner, own, false)

          note(name, "::", own, CONSTANT.bind_call(owner, own, false))
        end
      rescue NameError
        nil # removed meanwhile
      end

      # There is no other way to read a global variable by its name.
      def of_globals
        (global_variables - RUBY_GLOBALS).each do |own|
          note("global", " ", own, eval(own.to_s))
        end
      end

      def note(owner, separator, own, value)
        case value
        when String then @found["#{owner}#{separator}#{own}"] = plain(value) if identity?(value)
        when Integer then @found["#{owner}#{separator}#{own}"] = value if value == @pid && PID_NAME.match?(own)
        end
      end

      def identity?(text)
        return false if SIZE.bind_call(text) > LENGTH_MAX || !INCLUDED.bind_call(text, @digits)

        bytes = BYTES.bind_call(text)
        @number.match?(bytes) && @host.match?(bytes)
      rescue Encoding::CompatibilityError
        false
      end

      # A String, whatever class of strings it was.
      def plain(text)
        SCRUBBED.bind_call(String.new(text), "?")
      end
    end
  end
end
