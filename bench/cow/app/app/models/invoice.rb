# frozen_string_literal: true

# What a customer has to pay.
class Invoice < ApplicationRecord
  belongs_to :order
  has_many :payments, dependent: :restrict_with_error

  validates :number, presence: true

  delegate :customer, :currency, to: :order

  def total
    Money.new(total_cents, currency)
  end

  def open_cents
    total_cents - payments.sum(:amount_cents)
  end
end
