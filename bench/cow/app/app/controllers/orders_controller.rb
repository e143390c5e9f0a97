# frozen_string_literal: true

# The pages of orders.
class OrdersController < ApplicationController
  def index
    @orders = policy_scope(Order).ransack(params[:q]).result.page(params[:page])
  end

  def show
    @order = authorize(Order.find(params[:id]))
  end
end
