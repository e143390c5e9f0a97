# frozen_string_literal: true

# A word of one product.
class Tagging < ApplicationRecord
  belongs_to :tag
  belongs_to :product
end
