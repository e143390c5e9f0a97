# frozen_string_literal: true

# A question of a customer.
class Ticket < ApplicationRecord
  extend Enumerize

  enumerize :state, in: %w[open waiting closed], default: "open", scope: true

  belongs_to :customer
  belongs_to :user, optional: true
  has_many :messages, dependent: :destroy

  validates :title, presence: true
end
