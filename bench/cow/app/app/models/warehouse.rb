# frozen_string_literal: true

# Where goods wait.
class Warehouse < ApplicationRecord
  has_many :stock_levels, dependent: :destroy
  has_many :shipments, dependent: :restrict_with_error

  validates :name, :city, presence: true

  def local_time(moment)
    moment.in_time_zone(time_zone)
  end
end
