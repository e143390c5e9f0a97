# frozen_string_literal: true

# What is sold.
class Product < ApplicationRecord
  # How many rows a new database has.
  SEEDED = 2_000

  extend FriendlyId

  friendly_id :name, use: :slugged
  has_paper_trail only: %i[name price_cents], on: %i[update]
  monetize :price_cents, with_model_currency: :price_currency

  belongs_to :category
  belongs_to :supplier
  has_many :lines, dependent: :restrict_with_error
  has_many :reviews, dependent: :destroy
  has_many :taggings, dependent: :destroy
  has_many :tags, through: :taggings
  has_many :stock_levels, dependent: :destroy
  has_many :visits, dependent: :delete_all

  validates :code, presence: true, uniqueness: true
  validates :name, presence: true
  validates :weight_g, numericality: { greater_than_or_equal_to: 0 }

  scope :tagged, ->(name) { joins(:tags).where(tags: { name: }) }
  scope :cheaper_than, ->(cents) { where(price_cents: ...cents) }

  def self.ransackable_attributes(_auth = nil)
    %w[name code price_cents weight_g]
  end

  def self.ransackable_associations(_auth = nil)
    %w[category supplier]
  end

  def weight
    Unit.new(weight_g, "g")
  end
end
