# frozen_string_literal: true

# Renders a page of ERB, Haml or Slim with its layout and partials.
class RenderPages < Task
  PAGES = %w[orders/show products/index customers/show].freeze

  def call
    page = PAGES[number % PAGES.size]
    I18n.with_locale(I18n.available_locales[number % 3]) do
      ApplicationController.render(template: page, layout: "application", assigns: send(page.tr("/", "_")))
    end
  end

  private

  def orders_show
    { order: }
  end

  def products_index
    { products: Product.includes(:category, :tags).order(:code).page(1 + (number % 40)).per(5) }
  end

  def customers_show
    { customer: Customer.includes(:addresses, :contacts, :orders).find(1 + (number % Customer::SEEDED)) }
  end
end
