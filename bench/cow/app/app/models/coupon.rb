# frozen_string_literal: true

# A reduction that a customer can ask for.
class Coupon < ApplicationRecord
  validates :code, presence: true, uniqueness: true
  validates :percent, inclusion: { in: 1..90 }

  def reduce(money)
    money - (money * percent / 100)
  end
end
