# frozen_string_literal: true

# Somebody who works here.
class User < ApplicationRecord
  extend Enumerize

  devise :database_authenticatable, :recoverable, :rememberable, :validatable
  enumerize :role, in: %w[clerk manager administrator], default: "clerk", predicates: true

  has_many :tickets, dependent: :nullify
  has_many :notes, dependent: :nullify
  has_many :articles, dependent: :destroy

  validates :name, presence: true
end
