# frozen_string_literal: true

# Who may do what, when nothing else is said.
class ApplicationPolicy
  attr_reader :user, :record

  def initialize(user, record)
    @user = user
    @record = record
  end

  def index? = true
  def show? = true
  def create? = user.manager? || user.administrator?
  def update? = create?
  def destroy? = user.administrator?

  # Which records there are for somebody.
  class Scope
    def initialize(user, scope)
      @user = user
      @scope = scope
    end

    def resolve = @scope.all
  end
end
