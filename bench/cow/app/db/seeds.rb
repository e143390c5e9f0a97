# frozen_string_literal: true

# Enough rows for queries that mean something, the same each time.

random = Random.new(6)
Faker::Config.random = random
now = Time.utc(2024, 5, 1, 12)
stamps = { created_at: now, updated_at: now }
pick = ->(list) { list[random.rand(list.size)] }
words = ->(count) { Array.new(count) { pick.(%w[paper pencil staple folder ribbon marker ruler clip board lamp]) } }
fill = lambda do |model, rows|
  rows.each_slice(500) { |some| model.insert_all!(some) }
end

User.insert_all!(Array.new(20) do |i|
  { name: Faker::Name.name, email: "user#{i}@depot.example", encrypted_password: "none", role: "clerk", **stamps }
end)

fill.(Supplier, Array.new(40) { { name: Faker::Company.name, country_code: pick.(Customer::COUNTRIES), **stamps } })

fill.(Category, Array.new(60) do |i|
  parents = i < 12 ? "/" : "/#{1 + (i % 12)}/"
  { name: "Category #{i}", slug: "category-#{i}", ancestry: parents, position: i, **stamps }
end)

fill.(Product, Array.new(Product::SEEDED) do |i|
  name = "#{Faker::Commerce.material} Paper #{i}"
  { category_id: 1 + (i % 60), supplier_id: 1 + (i % 40), code: format("P%06d", i), name:, slug: "product-#{i}",
    description: Faker::Lorem.paragraph(sentence_count: 4), price_cents: 50 + random.rand(20_000),
    weight_g: 1 + random.rand(5_000), position: i, **stamps }
end)

fill.(Tag, Array.new(30) { |i| { name: "#{words.(1).first}-#{i}" } })
fill.(Tagging, Array.new(Product::SEEDED * 2) { |i| { tag_id: 1 + random.rand(30), product_id: 1 + (i / 2) } })

fill.(Customer, Array.new(Customer::SEEDED) do |i|
  { number: format("C%05d", i), name: Faker::Company.name, email: "customer#{i}@customers.example",
    phone: format("+4930%07d", i), locale: %w[en de fr][i % 3], country_code: pick.(Customer::COUNTRIES),
    settings: { "newsletter" => i.even?, "channels" => %w[mail letter] }, **stamps }
end)

fill.(Address, Array.new(Customer::SEEDED * 2) do |i|
  { customer_id: 1 + (i / 2), kind: Address::KINDS[i % 2], street: Faker::Address.street_address,
    postcode: format("%05d", random.rand(99_999)), city: Faker::Address.city, country_code: "DE", **stamps }
end)

fill.(Contact, Array.new(Customer::SEEDED * 2) do |i|
  { customer_id: 1 + (i / 2), name: Faker::Name.name, email: "contact#{i}@customers.example",
    phone: format("030 %07d", i), **stamps }
end)

fill.(Review, Array.new(4_000) do
  { product_id: 1 + random.rand(Product::SEEDED), customer_id: 1 + random.rand(Customer::SEEDED),
    stars: 1 + random.rand(5), text: words.(12).join(" "), **stamps }
end)

fill.(Warehouse, [["North", "Hamburg"], ["South", "Munich"], ["West", "Lyon"]].map do |name, city|
  { name:, city:, time_zone: "Berlin" }
end)
fill.(StockLevel, Array.new(StockLevel::SEEDED) do |i|
  { warehouse_id: 1 + (i % 3), product_id: 1 + (i / 3), quantity: 1_000, **stamps }
end)

prices = Product.order(:id).pluck(:price_cents)
lines = []
orders = Array.new(Order::SEEDED) do |i|
  mine = Array.new(1 + (i % 3)) do |position|
    product = random.rand(Product::SEEDED)
    { order_id: i + 1, product_id: product + 1, position: position + 1, quantity: 1 + random.rand(9),
      price_cents: prices[product], **stamps }
  end
  lines.concat(mine)
  { customer_id: 1 + random.rand(Customer::SEEDED), number: format("O%06d", i), currency: "EUR",
    state: %w[draft confirmed shipped][i % 3], ordered_on: Date.new(2023, 1, 1) + (i % 480),
    lines_count: mine.size, total_cents: mine.sum { |line| line[:quantity] * line[:price_cents] }, **stamps }
end
fill.(Order, orders)
fill.(Line, lines)
fill.(Invoice, orders.each_with_index.map do |order, i|
  { order_id: i + 1, number: format("I%06d", i), total_cents: order[:total_cents], issued_on: order[:ordered_on],
    due_on: order[:ordered_on] + 30, **stamps }
end)

fill.(Ticket, Array.new(500) { |i| { customer_id: 1 + (i % Customer::SEEDED), title: words.(4).join(" "), **stamps } })
fill.(Message, Array.new(1_500) { |i| { ticket_id: 1 + (i % 500), text: words.(30).join(" "), **stamps } })

fill.(Article, Array.new(Article::SEEDED) do |i|
  sections = Array.new(2) do |section|
    "## #{words.(3).join(" ").capitalize}\n\n#{Faker::Lorem.paragraph(sentence_count: 6)} " \
      "[More](https://depot.example/#{i}/#{section}).\n\n* #{words.(3).join("\n* ")}\n\n" \
      "| Name | Price |\n|---|---|\n| #{words.(1).first} | #{section} |\n"
  end
  { user_id: 1 + (i % 20), title: "Article #{i}", slug: "article-#{i}",
    markdown: "# Article #{i}\n\n#{sections.join("\n")}", published_on: Date.new(2024, 1, 1), **stamps }
end)
