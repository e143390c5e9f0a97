# frozen_string_literal: true

# What an ordinary application does all day, one of eight things by turns.
class MixedJob
  include Sidekiq::Job

  TASKS = %w[RenderPages ExchangeJSON KeepBooks PublishArticle SendInvoice PrintInvoice ExportOrders AskPartner].freeze

  def perform(number)
    TASKS[number % TASKS.size].constantize.new(number / TASKS.size).call
  end
end
