# frozen_string_literal: true

# The application as its customers use it: this process loads the shop as a web server would, sends jobs and
# counts what came of them.
class Shop
  FOLDER = File.expand_path("shop", __dir__)
  LEAK_MB = 3
  NEWSLETTER_S = 0.3

  # What ordinary jobs are, over and over.
  MIX = (([:order] * 8) + ([:count] * 4) + ([:report] * 3) + ([:newsletter] * 4)).freeze
  STOCK = 100_000
  PRIME = 7 # walks through the mix, so that its jobs alternate

  # What became of the jobs, by one of the two books.
  Count = Struct.new(:sent, :done, :lost, :twice, keyword_init: true)

  attr_reader :sent

  # environment  what the application reads: REDIS_URL, BOOKSHOP_DATABASE, RAILS_ENV
  def initialize(environment)
    environment.each { |name, value| ENV[name] = value }
    @sent = {}
    @turn = 0
  end

  # Loads the application, makes its database.
  def open
    require File.join(FOLDER, "config/environment")
    require "sidekiq/api"
    Sidekiq.default_configuration.logger.level = Logger::WARN
    make_database
  end

  def versions
    "Rails #{Rails.version}, Sidekiq #{Sidekiq::VERSION}, Ruby #{RUBY_VERSION}"
  end

  # Sends so many ordinary jobs.
  def send_jobs(number)
    names = Array.new(number) { MIX[(@turn += PRIME) % MIX.size] }
    orders = place_orders(names.count(:order))
    names.each { |name| @sent[send_job(name, orders)] = name }
  end

  # Sends a job whose worker will hold some memory for ever.
  def send_leak
    @sent[LeakJob.perform_async(LEAK_MB)] = :leak
  end

  # Jobs done so far, by Redis.
  def done
    Sidekiq.redis { |redis| redis.call("SCARD", Receipts::DONE) }
  end

  # Jobs that were sent and are not done yet.
  def open_jobs
    sent.size - done
  end

  # Sidekiq processes that are at work, by their heartbeats.
  def sidekiqs
    Sidekiq.redis { |redis| redis.call("SCARD", "processes") }
  end

  # Forgets all jobs, before the next part of the story.
  def begin_again
    Sidekiq.redis { |redis| redis.call("FLUSHALL") }
    Receipt.delete_all
    Order.delete_all
    Book.update_all(stock: STOCK)
    @sent = {}
  end

  # Call it when no worker is left: a job that still stands in a queue is late, not lost.
  def waiting
    @waiting ||= begin
      sets = [*Sidekiq::Queue.all, Sidekiq::RetrySet.new, Sidekiq::ScheduledSet.new]
      sets.flat_map { |set| set.map(&:jid) }
    end
  end

  def count_in_redis
    done = Sidekiq.redis { |redis| redis.call("SMEMBERS", Receipts::DONE) }
    count(done)
  end

  def count_in_database
    count(Receipt.pluck(:jid))
  end

  def orders
    Order.count
  end

  def orders_shipped
    Order.shipped.count
  end

  # One copy an order; more than orders shipped would tell of a job that did its work twice.
  def copies_taken
    (@books.size * STOCK) - Book.sum(:stock)
  end

  private

  def count(done)
    lost = sent.keys - done - waiting
    Count.new(sent: sent.size, done: done.uniq.size, lost: lost.size, twice: done.size - done.uniq.size)
  end

  def place_orders(number)
    Order.transaction { Array.new(number) { |turn| @books[turn % @books.size].orders.create!(copies: 1) } }
  end

  def send_job(name, orders)
    case name
    when :order then ShipOrderJob.perform_later(orders.pop).provider_job_id
    when :count then CountJob.perform_async
    when :report then ReportJob.perform_async
    when :newsletter then NewsletterJob.perform_async(NEWSLETTER_S)
    end
  end

  def make_database
    ActiveRecord::Schema.verbose = false
    load File.expand_path("../test/fixtures/rails/db/schema.rb", __dir__)
    ActiveRecord::Schema.define do
      create_table("receipts") { |table| table.string "jid", "job", null: false }
    end
    author = Author.create!(name: "A. Writer")
    @books = Array.new(10) { |number| author.books.create!(title: "Book #{number}", stock: STOCK) }
  end
end
