# frozen_string_literal: true

# Tells the master what was raised: class, text, place, frames. It must not rescue for good: whoever
# reports raises again, so that the process leaves with the status Ruby would give.

require_relative "hook_error"
require_relative "hooks"

module Sidekiq
  module Swarm
    # The report of one exception that ends a mold or a worker.
    class Failure
      FRAMES = 20
      # Parser errors name their place in the text only: "app.rb:3: syntax error, ...".
      PLACE_IN_TEXT = /\A(\S+:\d+): /
      # The frame of a `require`, which is RubyGems' or, from Ruby 3.3 on, that of its bundled gems.
      REQUIRE = /require(?:_relative)?'\z/

      class << self
        # Runs the block; what it raises is told under that stage ("boot", "before_fork" ...) and goes on.
        # A signal is no failure, and an exception is told once, by the innermost stage.
        def during(stage)
          yield
        rescue SignalException
          raise
        rescue Exception => e # rubocop:disable Lint/RescueException
          report(stage, e)
          raise
        end

        # Tells of an exception, once.
        def report(stage, error)
          return if @told.equal?(error)

          @told = error
          new(stage, error).tell
        end

        # Valid UTF-8 without NUL, which the wire asks of a text.
        def clean(text)
          text = text.to_s.dup
          text.force_encoding(Encoding::UTF_8) if text.encoding == Encoding::BINARY
          text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub.delete("\0")
        end
      end

      def initialize(stage, error)
        @stage = stage
        @error = error
      end

      def tell
        Native.failure(@stage, self.class.clean(@error.class.name || @error.class.inspect), text, place,
                       frames.join("\n"), exit_code)
      end

      # The message, and the hook it came out of, if any.
      def text
        message = self.class.clean(message_text)
        hook = HookError.place_of(@error)
        hook ? "#{message} (in the hook of #{hook})" : message
      end

      # "file:line" where it was raised; the hook's own place where the exception has none.
      def place
        if @error.is_a?(SyntaxError) && (match = PLACE_IN_TEXT.match(self.class.clean(message_text)))
          return match[1]
        end

        raising_frame.to_s[/\A.+?:\d+/] || HookError.place_of(@error).to_s
      end

      # The first frames of the backtrace.
      def frames
        @frames ||= (@error.backtrace || []).first(FRAMES).map { |frame| self.class.clean(frame) }
      end

      # What the process leaves with.
      def exit_code
        @error.is_a?(SystemExit) ? @error.status : 1
      end

      private

      # A file that is missing is asked for by the frame that calls `require`.
      def raising_frame
        (frames.find { |frame| !frame.match?(REQUIRE) } if @error.is_a?(LoadError)) || frames.first
      end

      # An exception's own message method may raise.
      def message_text
        return "exit(#{@error.status}) was called" if @error.is_a?(SystemExit) && @error.message == "exit"

        @error.message
      rescue StandardError => e
        "(its message raised #{e.class})"
      end
    end
  end
end
