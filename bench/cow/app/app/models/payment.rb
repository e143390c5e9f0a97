# frozen_string_literal: true

# What a customer has paid.
class Payment < ApplicationRecord
  WAYS = %w[transfer card cash].freeze

  belongs_to :invoice

  validates :way, inclusion: { in: WAYS }
  validates :amount_cents, numericality: { other_than: 0 }
end
