# frozen_string_literal: true

# Words that all pages use.
module ApplicationHelper
  def price(cents, currency = "EUR")
    Money.new(cents, currency).format
  end

  def state_label(order)
    tag.span(t("order.states.#{order.state}"), class: "state state-#{order.state}")
  end

  def address_lines(address)
    safe_join(address.lines, tag.br)
  end
end
