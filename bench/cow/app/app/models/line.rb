# frozen_string_literal: true

# A product in an order.
class Line < ApplicationRecord
  belongs_to :order, inverse_of: :lines
  belongs_to :product

  validates :quantity, numericality: { greater_than: 0, only_integer: true }

  def total_cents
    quantity * price_cents
  end

  def total
    Money.new(total_cents, order.currency)
  end
end
