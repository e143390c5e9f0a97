# frozen_string_literal: true

# An order for partners.
class OrderBlueprint < Blueprinter::Base
  identifier :id
  fields :number, :state, :currency, :total_cents, :ordered_on

  association :lines, blueprint: LineBlueprint

  view :extended do
    association :customer, blueprint: CustomerBlueprint
    field(:total) { |order| order.total.format }
  end
end
