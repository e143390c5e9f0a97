# frozen_string_literal: true

# Clerks take orders, too.
class OrderPolicy < ApplicationPolicy
  def create? = true
  def ship? = record.confirmed?
  def cancel? = user.manager? && record.may_cancel?
end
