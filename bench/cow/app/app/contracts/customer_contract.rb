# frozen_string_literal: true

# What a form must tell of a customer.
class CustomerContract < Dry::Validation::Contract
  params do
    required(:name).filled(:string, min_size?: 2)
    required(:email).filled(:string)
    required(:country_code).filled(:string, size?: 2)
    optional(:phone).maybe(:string)
  end

  rule(:email) { key.failure("is no address") unless value.include?("@") }
  rule(:country_code) { key.failure("is no country") unless ISO3166::Country[value] }
end
