# frozen_string_literal: true

# A customer in the words of JSON:API.
class CustomerResource
  include JSONAPI::Serializer

  set_type :customer
  attributes :number, :name, :email, :country_code
end
