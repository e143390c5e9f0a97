# frozen_string_literal: true

# What all mails share.
class ApplicationMailer < ActionMailer::Base
  default from: "depot@depot.example"
  layout "mailer"
end
