# frozen_string_literal: true

# An order in the words of JSON:API.
class OrderResource
  include JSONAPI::Serializer

  set_type :order
  attributes :number, :state, :currency, :total_cents, :ordered_on
  belongs_to :customer, serializer: CustomerResource
  has_many :lines, serializer: LineResource
end
