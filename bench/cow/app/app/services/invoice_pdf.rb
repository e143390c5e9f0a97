# frozen_string_literal: true

# An invoice on paper.
class InvoicePDF
  HEADINGS = ["Product", "Quantity", "Price", "Total"].freeze

  def initialize(order)
    @order = order
  end

  def render
    pdf = Prawn::Document.new(page_size: "A4", margin: 50)
    head(pdf)
    pdf.table([HEADINGS] + rows, header: true, width: 495, column_widths: [255, 60, 90, 90])
    pdf.move_down(12)
    pdf.text("Total #{@order.total.format}", style: :bold, align: :right)
    pdf.render
  end

  private

  def head(pdf)
    pdf.text("Depot", size: 20, style: :bold)
    @order.customer.billing_address.lines.each { |line| pdf.text(line) }
    pdf.move_down(24)
    pdf.text("Invoice #{@order.number}", size: 14)
    pdf.move_down(12)
  end

  def rows
    @order.lines.map do |line|
      [line.product.name, line.quantity.to_s, Money.new(line.price_cents, @order.currency).format, line.total.format]
    end
  end
end
