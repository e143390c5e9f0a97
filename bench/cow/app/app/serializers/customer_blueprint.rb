# frozen_string_literal: true

# A customer for partners.
class CustomerBlueprint < Blueprinter::Base
  identifier :id
  fields :number, :name, :email, :country_code
end
