# frozen_string_literal: true

# The pages of products.
class ProductsController < ApplicationController
  def index
    @products = policy_scope(Product).ransack(params[:q]).result.page(params[:page])
  end

  def show
    @product = authorize(Product.find(params[:id]))
  end
end
