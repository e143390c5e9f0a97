# frozen_string_literal: true

# An invoice on paper.
class InvoicePDF
  HEADINGS = %w[Product Quantity Total].freeze

  def initialize(order)
    @order = order
  end

  def render
    pdf = Prawn::Document.new(page_size: "A4", margin: 50)
    head(pdf)
    pdf.table([HEADINGS] + rows, header: true, width: 495, column_widths: [315, 70, 110])
    pdf.move_down(12)
    pdf.text("Total #{@order.total.format}", style: :bold, align: :right)
    pdf.render
  end

  private

  def head(pdf)
    pdf.text("Depot", size: 20, style: :bold)
    pdf.text(@order.customer.billing_address.lines.join(", "))
    pdf.move_down(24)
    pdf.text("Invoice #{@order.number}", size: 14)
    pdf.move_down(12)
  end

  def rows
    @order.lines.map { |line| [line.product.name, line.quantity.to_s, line.total.format] }
  end
end
