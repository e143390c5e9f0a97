# frozen_string_literal: true

# A line of an order for partners.
class LineBlueprint < Blueprinter::Base
  identifier :id
  fields :quantity, :price_cents

  field(:product) { |line| line.product.code }
end
