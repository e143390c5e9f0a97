# frozen_string_literal: true

# Where a customer gets goods or bills.
class Address < ApplicationRecord
  KINDS = %w[billing delivery].freeze

  belongs_to :customer

  validates :street, :postcode, :city, presence: true
  validates :kind, inclusion: { in: KINDS }

  def lines
    [street, "#{postcode} #{city}", ISO3166::Country[country_code]&.iso_short_name].compact
  end
end
