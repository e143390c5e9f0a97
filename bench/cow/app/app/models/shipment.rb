# frozen_string_literal: true

# Goods under way.
class Shipment < ApplicationRecord
  CARRIERS = %w[post courier forwarder].freeze

  belongs_to :order
  belongs_to :warehouse

  validates :carrier, inclusion: { in: CARRIERS }
end
