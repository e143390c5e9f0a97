# frozen_string_literal: true

# Makes a spreadsheet of orders.
class ExportOrders < Task
  ROWS = 6
  HEADINGS = %w[Number Date Customer State Lines Total].freeze

  def call
    package = Axlsx::Package.new
    bold = package.workbook.styles.add_style(b: true)
    package.workbook.add_worksheet(name: "Orders") do |sheet|
      sheet.add_row(HEADINGS, style: bold)
      orders.each { |order| sheet.add_row(row_of(order)) }
    end
    package.to_stream.read
  end

  private

  def orders
    Order.includes(:customer).where(id: order_id..).limit(ROWS)
  end

  def row_of(order)
    [order.number, order.ordered_on, order.customer.name, order.state, order.lines_count, order.total_cents / 100.0]
  end
end
