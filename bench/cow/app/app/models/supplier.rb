# frozen_string_literal: true

# Who sells to us.
class Supplier < ApplicationRecord
  has_many :products, dependent: :restrict_with_error

  validates :name, presence: true
end
