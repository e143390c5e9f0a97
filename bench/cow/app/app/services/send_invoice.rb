# frozen_string_literal: true

# Sends a mail of text, HTML and an attachment to nowhere.
class SendInvoice < Task
  def call
    I18n.with_locale(order.customer.locale) { InvoiceMailer.with(order:).issued.deliver_now }
  ensure
    ActionMailer::Base.deliveries.clear
  end
end
