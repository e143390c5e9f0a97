# frozen_string_literal: true

# A look of a customer at a product.
class Visit < ApplicationRecord
  belongs_to :customer
  belongs_to :product
end
