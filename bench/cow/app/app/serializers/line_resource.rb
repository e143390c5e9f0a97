# frozen_string_literal: true

# A line of an order in the words of JSON:API.
class LineResource
  include JSONAPI::Serializer

  set_type :line
  attributes :quantity, :price_cents
  attribute(:code) { |line| line.product.code }
end
