# frozen_string_literal: true

# Builds JSON in three ways and reads it again.
class ExchangeJSON < Task
  def call
    text = [blueprint, resource, oj][number % 3]
    JSON.parse(text, symbolize_names: true)
  end

  private

  def orders
    @orders ||= Order.includes(:customer, lines: :product).where(id: order_id..(order_id + 2)).to_a
  end

  def blueprint
    OrderBlueprint.render(orders, view: :extended)
  end

  def resource
    OrderResource.new(orders, include: %i[customer lines]).serializable_hash.to_json
  end

  def oj
    Oj.dump(orders.map { |order| OrderBlueprint.render_as_hash(order) }, mode: :rails)
  end
end
