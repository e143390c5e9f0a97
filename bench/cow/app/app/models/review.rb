# frozen_string_literal: true

# What a customer thinks of a product.
class Review < ApplicationRecord
  belongs_to :product
  belongs_to :customer

  validates :stars, inclusion: { in: 1..5 }
end
