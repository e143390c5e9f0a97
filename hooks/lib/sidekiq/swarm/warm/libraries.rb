# frozen_string_literal: true

# Tables and classes that known libraries build at first use. Each is used once, if it is loaded at all. It must
# not load a library, open a connection or start a thread.

require "json"
require "time"
require_relative "attempt"

module Sidekiq
  module Swarm
    class Warm
      # First uses.
      module Libraries
        # By a constant of the library.
        USES = {
          "JSON" => -> { JSON.parse(JSON.generate("a" => [1, 2.5, nil, true, "é"])) },
          "Time" => -> { Time.iso8601("2020-01-01T00:00:00Z").httpdate },
          "Rack::Mime" => -> { ::Rack::Mime.mime_type(".pdf") },
          "MIME::Types" => -> { ::MIME::Types.type_for("a.pdf").first&.extensions },
          "MiniMime" => -> { [::MiniMime.lookup_by_filename("a.pdf"), ::MiniMime.lookup_by_content_type("text/css")] },
          "Nokogiri::HTML4" => -> { ::Nokogiri::HTML4.fragment("<p>a <b class='c'>b</b></p>").css("b").to_html },
          "ActiveSupport::TimeZone" => -> { time_zones },
          "Mail" => -> { mail },
          "ERB" => -> { ::ERB.new("<%= 1 %>").result },
          "Encoding" => -> { %w[UTF-16LE UTF-16BE UTF-32LE ISO-8859-1 Windows-1252].each { |name| "é".encode(name) } }
        }.freeze

        extend Attempt

        class << self
          # Uses what is there; one that fails costs itself alone.
          def run(_adapter)
            USES.each { |name, use| attempt { use.call } if loaded?(name) }
          end

          private

          # A constant that is still to be loaded is not loaded for this.
          def loaded?(name)
            name.split("::").inject(Object) do |owner, part|
              return false if !owner.const_defined?(part, false) || owner.autoload?(part, false)

              owner.const_get(part, false)
            end
          end

          def time_zones
            zone = ::Time.zone || ::ActiveSupport::TimeZone["UTC"]
            zone.parse("2020-01-01 12:00").in_time_zone(zone).strftime("%Z %z")
          end

          def mail
            message = ::Mail.new(from: "a@example.com", to: "b@example.com", subject: "ä", body: "é", charset: "UTF-8")
            message.add_file(filename: "a.txt", content: "a")
            ::Mail.new(message.encoded).attachments.size
          end
        end
      end
    end
  end
end
