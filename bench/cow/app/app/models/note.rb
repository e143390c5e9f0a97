# frozen_string_literal: true

# A remark on anything.
class Note < ApplicationRecord
  belongs_to :subject, polymorphic: true
  belongs_to :user, optional: true

  validates :text, presence: true
end
