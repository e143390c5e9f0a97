# frozen_string_literal: true

# A page of help, written in Markdown.
class Article < ApplicationRecord
  # How many rows a new database has.
  SEEDED = 80

  extend FriendlyId

  friendly_id :title, use: :slugged

  belongs_to :user

  validates :title, :markdown, presence: true
end
