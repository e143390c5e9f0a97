# frozen_string_literal: true

# How much of a product a warehouse has.
class StockLevel < ApplicationRecord
  # How many rows a new database has.
  SEEDED = 6_000

  belongs_to :warehouse
  belongs_to :product
  has_many :stock_moves, dependent: :delete_all

  validates :quantity, numericality: { only_integer: true }

  def move(quantity, reason)
    stock_moves.create!(quantity:, reason:)
    increment!(:quantity, quantity)
  end
end
