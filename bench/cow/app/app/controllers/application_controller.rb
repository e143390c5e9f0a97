# frozen_string_literal: true

# What all pages share.
class ApplicationController < ActionController::Base
  include Pundit::Authorization

  before_action :authenticate_user!
  around_action :use_locale

  private

  def use_locale(&)
    I18n.with_locale(params[:locale].presence_in(I18n.available_locales.map(&:to_s)) || I18n.default_locale, &)
  end
end
