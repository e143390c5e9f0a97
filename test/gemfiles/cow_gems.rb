# frozen_string_literal: true

%w[
  aasm active_model_serializers acts_as_list addressable ahoy_email amazing_print ancestry
  aws-sdk-ec2 aws-sdk-s3 aws-sdk-ses aws-sdk-sns aws-sdk-sqs barby bcrypt blueprinter browser business_time
  cancancan caxlsx chunky_png combine_pdf countries csv devise devise-i18n discard draper dry-monads
  dry-struct dry-types dry-validation email_validator enumerize faker faraday faraday-retry
  feedjira friendly_id geocoder
  google-apis-calendar_v3 google-apis-drive_v3 google-apis-gmail_v1 google-apis-sheets_v4
  graphql groupdate haml holidays httparty ice_cube jbuilder jsonapi-serializer jwt kaminari kramdown
  kramdown-parser-gfm liquid lograge mechanize meta-tags mini_magick mobility money-rails msgpack mustache
  octokit oj omniauth omniauth-google-oauth2 omniauth-rails_csrf_protection ox pagy paper_trail phonelib
  prawn prawn-table premailer-rails public_suffix pundit rack-attack rack-cors ransack redcarpet redis
  reverse_markdown rolify roo rouge rqrcode ruby-openai ruby-units rubyzip sendgrid-ruby sentry-rails sentry-ruby
  sentry-sidekiq simple_form sitemap_generator slack-ruby-client slim statesman store_model stringex
  stripe twilio-ruby tzinfo-data valid_email2 view_component
].each { |name| gem name }
gem "sidekiq-process_manager", "1.1.3", require: false
gem "sidekiq-swarm", path: "../.."
