# frozen_string_literal: true

# Asks, joins, adds and changes rows.
class KeepBooks < Task
  def call
    figures
    suggestions
    Order.transaction do
      visit
      stock
      reprice
    end
  end

  private

  def figures
    Order.joins(lines: :product).where(customer: order.customer)
         .group("products.category_id").limit(20).sum("lines.quantity * lines.price_cents")
  end

  def suggestions
    search = Product.ransack(name_cont: "Paper", price_cents_gt: number % 5_000)
    search.result.limit(5).pluck(:code, :name)
  end

  def visit
    Visit.create!(customer: order.customer, product: order.lines.first.product)
  end

  def stock
    level = StockLevel.find(1 + (number % StockLevel::SEEDED))
    level.move(number.even? ? 1 : -1, "count")
  end

  def reprice
    line = order.lines.first
    line.update!(quantity: 1 + (number % 9))
    order.recalculate
    order.save!
  end
end
