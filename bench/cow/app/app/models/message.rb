# frozen_string_literal: true

# A part of the talk about a ticket.
class Message < ApplicationRecord
  belongs_to :ticket, touch: true

  validates :text, presence: true
end
