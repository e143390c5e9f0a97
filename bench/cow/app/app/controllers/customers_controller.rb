# frozen_string_literal: true

# The pages of customers.
class CustomersController < ApplicationController
  def index
    @customers = policy_scope(Customer).ransack(params[:q]).result.page(params[:page])
  end

  def show
    @customer = authorize(Customer.find(params[:id]))
  end
end
