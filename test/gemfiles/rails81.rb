# frozen_string_literal: true

# Rails 8.1 for the Gemfiles of the tests, evaluated by them with eval_gemfile. Every version is exact,
# as in rails72.rb, and the family of rack is not here.

gem "rails", "8.1.4"
gem "sqlite3", "2.10.2"

{
  "action_text-trix" => "2.1.19", "base64" => "0.3.0", "bigdecimal" => "4.1.3",
  "builder" => "3.3.0", "concurrent-ruby" => "1.3.8", "connection_pool" => "3.0.2",
  "crass" => "1.0.8", "date" => "3.6.0", "drb" => "2.2.3", "erb" => "4.0.4.1",
  "erubi" => "1.13.1", "globalid" => "1.4.0", "i18n" => "1.15.2", "io-console" => "0.9.5",
  "irb" => "1.14.3", "json" => "3.1.0", "logger" => "1.7.0", "loofah" => "2.25.3",
  "mail" => "2.9.1", "marcel" => "1.2.1", "mini_mime" => "1.1.5", "net-imap" => "0.6.8",
  "net-pop" => "0.1.2", "net-protocol" => "0.4.0", "net-smtp" => "0.5.2", "nio4r" => "2.7.5",
  "nokogiri" => "1.19.7", "pp" => "0.6.4", "prettyprint" => "0.2.1", "racc" => "1.8.1",
  "rails-dom-testing" => "2.3.0", "rails-html-sanitizer" => "1.7.2", "rdoc" => "6.3.4.1",
  "redis-client" => "0.31.0", "reline" => "0.7.0", "securerandom" => "0.4.1",
  "thor" => "1.5.0", "timeout" => "0.6.1", "tsort" => "0.2.0", "tzinfo" => "2.0.6",
  "uri" => "1.1.2", "useragent" => "0.16.11", "websocket-driver" => "0.8.2",
  "websocket-extensions" => "0.1.5", "zeitwerk" => "2.8.3"
}.each { |name, version| gem name, version }
