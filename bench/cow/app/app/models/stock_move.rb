# frozen_string_literal: true

# A change of a stock level.
class StockMove < ApplicationRecord
  REASONS = %w[delivery sale count return].freeze

  belongs_to :stock_level

  validates :reason, inclusion: { in: REASONS }
end
