# frozen_string_literal: true

# Makes a PDF with a table.
class PrintInvoice < Task
  def call
    InvoicePDF.new(order).render
  end
end
