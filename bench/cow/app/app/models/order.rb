# frozen_string_literal: true

# What a customer wants.
class Order < ApplicationRecord
  # How many rows a new database has.
  SEEDED = 3_000

  include AASM

  belongs_to :customer
  has_many :lines, -> { order(:position) }, dependent: :destroy, inverse_of: :order
  has_many :products, through: :lines
  has_many :shipments, dependent: :destroy
  has_one :invoice, dependent: :restrict_with_error
  has_many :notes, as: :subject, dependent: :destroy

  validates :number, presence: true
  validates :ordered_on, presence: true

  scope :since, ->(date) { where(ordered_on: date..) }
  scope :open, -> { where(state: %w[draft confirmed]) }

  aasm column: :state, whiny_transitions: true do
    state :draft, initial: true
    state :confirmed, :shipped, :cancelled

    event(:confirm) { transitions from: :draft, to: :confirmed }
    event(:ship) { transitions from: :confirmed, to: :shipped }
    event(:cancel) { transitions from: %i[draft confirmed], to: :cancelled }
    event(:reopen) { transitions from: %i[shipped cancelled], to: :draft }
  end

  def self.ransackable_attributes(_auth = nil)
    %w[number state ordered_on total_cents]
  end

  def total
    Money.new(total_cents, currency)
  end

  def recalculate
    self.lines_count = lines.size
    self.total_cents = lines.sum(&:total_cents)
  end
end
