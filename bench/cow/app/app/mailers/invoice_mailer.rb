# frozen_string_literal: true

# Mails about money.
class InvoiceMailer < ApplicationMailer
  def issued
    @order = params.fetch(:order)
    attachments["lines.csv"] = { mime_type: "text/csv", content: lines }
    mail(to: @order.customer.email, subject: t("invoice.subject", number: @order.number))
  end

  private

  def lines
    CSV.generate do |csv|
      @order.lines.each { |line| csv << [line.product.code, line.quantity, line.price_cents] }
    end
  end
end
