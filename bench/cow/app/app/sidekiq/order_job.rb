# frozen_string_literal: true

# A small job, as most are: reads an order, tells a partner, writes a line.
class OrderJob
  include Sidekiq::Job

  def perform(number)
    order = Order.includes(:customer, lines: :product).find(1 + (number % Order::SEEDED))
    order.update!(remark: JSON.parse(OrderBlueprint.render(order)).fetch("number"))
  end
end
