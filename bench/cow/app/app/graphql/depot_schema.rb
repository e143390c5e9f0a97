# frozen_string_literal: true

# What partners may ask.
class DepotSchema < GraphQL::Schema
  # A customer's opinion.
  class ReviewType < GraphQL::Schema::Object
    field :stars, Integer, null: false
    field :text, String
  end

  # What is sold.
  class ProductType < GraphQL::Schema::Object
    field :code, String, null: false
    field :name, String, null: false
    field :price_cents, Integer, null: false
    field :reviews, [ReviewType], null: false
  end

  # Where a question begins.
  class QueryType < GraphQL::Schema::Object
    field :product, ProductType do
      argument :id, Integer
    end

    def product(id:)
      Product.find_by(id:)
    end
  end

  query QueryType
end
