# frozen_string_literal: true

# What the application of bench/cow is made of besides Rails and Sidekiq, for its Gemfiles. Every version
# is exact, as in rails72.rb. Evaluated by them with eval_gemfile.

{
  "aasm" => "6.0.0", "acts_as_list" => "1.2.6", "addressable" => "2.9.2", "ancestry" => "5.1.0",
  "aws-sdk-s3" => "1.238.0", "aws-sdk-sns" => "1.127.0", "aws-sdk-sqs" => "1.124.0",
  "bcrypt" => "3.1.22", "blueprinter" => "1.3.0", "caxlsx" => "4.5.0", "countries" => "7.1.1",
  "csv" => "3.3.7", "devise" => "5.0.4", "devise-i18n" => "1.16.1", "discard" => "2.0.0",
  "dry-struct" => "1.6.0", "dry-types" => "1.7.1", "dry-validation" => "1.10.0",
  "email_validator" => "2.2.4", "enumerize" => "2.8.1", "faker" => "3.6.1", "faraday" => "2.15.1",
  "faraday-retry" => "2.4.0", "friendly_id" => "5.7.0", "geocoder" => "1.8.6", "graphql" => "2.6.14",
  "haml" => "6.4.0", "holidays" => "8.8.0", "httparty" => "0.24.3", "ice_cube" => "0.17.0",
  "jbuilder" => "2.15.1", "jsonapi-serializer" => "2.2.0", "kaminari" => "1.3.1", "kramdown" => "2.5.2",
  "kramdown-parser-gfm" => "1.1.0", "liquid" => "5.14.0", "lograge" => "0.15.1",
  "mini_magick" => "5.4.0", "money-rails" => "3.0.0", "msgpack" => "1.8.7", "oj" => "3.17.8",
  "ox" => "2.14.29", "paper_trail" => "16.0.0", "phonelib" => "0.10.28", "prawn" => "2.4.0",
  "prawn-table" => "0.2.2", "premailer-rails" => "1.12.0", "pundit" => "2.5.2",
  "rack-attack" => "6.8.0", "rack-cors" => "3.0.0", "ransack" => "5.0.3", "redcarpet" => "3.6.1",
  "redis" => "5.4.1", "roo" => "3.0.0", "rouge" => "5.1.0", "rqrcode" => "3.1.1", "ruby-units" => "4.1.0",
  "rubyzip" => "3.7.0", "sentry-rails" => "7.2.0", "sentry-ruby" => "7.2.0",
  "sentry-sidekiq" => "7.2.0", "slim" => "5.2.2", "twilio-ruby" => "7.12.0", "tzinfo-data" => "1.2026.6"
}.each { |name, version| gem name, version }

gem "sidekiq-process_manager", "1.1.3", require: false
gem "sidekiq-swarm", path: "../.."

# What these bring along: required by them alone. Prawn says nothing of matrix, which it requires.
group :pinned do
  {
    "aws-eventstream" => "1.4.1", "aws-partitions" => "1.1302.0", "aws-sdk-core" => "3.264.0",
    "aws-sdk-kms" => "1.139.0", "aws-sigv4" => "1.12.1", "chunky_png" => "1.4.0",
    "css_parser" => "1.22.0", "dry-configurable" => "1.3.0", "dry-core" => "1.1.0",
    "dry-inflector" => "1.2.0", "dry-initializer" => "3.2.0", "dry-logic" => "1.6.0",
    "dry-schema" => "1.13.4", "faraday-net_http" => "3.5.0", "ffi" => "1.17.4",
    "fiber-storage" => "1.0.1", "get_process_mem" => "1.0.0", "htmlentities" => "4.4.2",
    "ice_nine" => "0.11.2", "jmespath" => "1.6.2", "jwt" => "3.3.0",
    "kaminari-actionview" => "1.3.1", "kaminari-activerecord" => "1.3.1", "kaminari-core" => "1.3.1",
    "matrix" => "0.4.3", "monetize" => "2.0.1", "money" => "7.1.1", "multi_xml" => "0.6.0",
    "net-http" => "0.10.0", "orm_adapter" => "0.5.0", "pdf-core" => "0.9.0", "premailer" => "1.27.0",
    "public_suffix" => "6.0.2", "request_store" => "1.7.0", "responders" => "3.2.1", "rexml" => "3.4.4",
    "rqrcode_core" => "2.0.1", "strscan" => "3.1.8", "temple" => "0.10.7", "tilt" => "2.9.0",
    "ttfunk" => "1.7.0", "unaccent" => "0.4.0", "warden" => "1.2.9"
  }.each { |name, version| gem name, version }
end
