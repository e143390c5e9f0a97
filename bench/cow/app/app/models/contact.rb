# frozen_string_literal: true

# Whom to talk to at a customer's.
class Contact < ApplicationRecord
  belongs_to :customer

  validates :name, presence: true
  validates :email, email: { allow_nil: true }

  def international_phone
    Phonelib.parse(phone, customer.country_code).international
  end
end
