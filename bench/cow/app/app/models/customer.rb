# frozen_string_literal: true

# Who buys.
class Customer < ApplicationRecord
  # How many rows a new database has.
  SEEDED = 600
  COUNTRIES = %w[DE FR ES IT NL PL SE DK PT AT].freeze

  include Discard::Model

  has_many :addresses, dependent: :destroy
  has_many :contacts, dependent: :destroy
  has_many :orders, dependent: :restrict_with_error
  has_many :invoices, through: :orders
  has_many :tickets, dependent: :destroy
  has_many :reviews, dependent: :destroy
  has_many :visits, dependent: :delete_all
  has_many :notes, as: :subject, dependent: :destroy

  validates :name, :number, presence: true
  validates :email, email: true
  validates :phone, phone: { allow_blank: true }
  validates :locale, inclusion: { in: ->(_) { I18n.available_locales.map(&:to_s) } }

  scope :of_country, ->(code) { where(country_code: code) }
  scope :with_orders_since, ->(date) { joins(:orders).merge(Order.since(date)).distinct }

  def self.ransackable_attributes(_auth = nil)
    %w[name number email country_code created_at]
  end

  def self.ransackable_associations(_auth = nil)
    %w[orders addresses]
  end

  def country
    ISO3166::Country[country_code]
  end

  def billing_address
    addresses.find { |address| address.kind == "billing" } || addresses.first
  end
end
