# frozen_string_literal: true

# A place in the tree of products.
class Category < ApplicationRecord
  extend FriendlyId

  has_ancestry
  friendly_id :name, use: :slugged
  acts_as_list

  has_many :products, dependent: :restrict_with_error

  validates :name, presence: true

  def trail
    path.pluck(:name).join(" / ")
  end
end
