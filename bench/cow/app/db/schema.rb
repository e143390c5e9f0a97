# frozen_string_literal: true

ActiveRecord::Schema[7.1].define(version: 2024_05_01_000000) do
  create_table "users", force: true do |t|
    t.string "email", null: false, index: { unique: true }
    t.string "encrypted_password", null: false
    t.string "name", null: false
    t.string "role", null: false, default: "clerk"
    t.string "reset_password_token", index: { unique: true }
    t.datetime "reset_password_sent_at"
    t.datetime "remember_created_at"
    t.timestamps
  end

  create_table "customers", force: true do |t|
    t.string "number", null: false, index: { unique: true }
    t.string "name", null: false
    t.string "email", null: false
    t.string "phone"
    t.string "locale", null: false, default: "en"
    t.string "country_code", null: false, default: "DE"
    t.json "settings", null: false, default: {}
    t.datetime "discarded_at"
    t.timestamps
  end

  create_table "addresses", force: true do |t|
    t.references "customer", null: false
    t.string "kind", null: false, default: "billing"
    t.string "street", null: false
    t.string "postcode", null: false
    t.string "city", null: false
    t.string "country_code", null: false
    t.timestamps
  end

  create_table "contacts", force: true do |t|
    t.references "customer", null: false
    t.string "name", null: false
    t.string "email"
    t.string "phone"
    t.timestamps
  end

  create_table "suppliers", force: true do |t|
    t.string "name", null: false
    t.string "email"
    t.string "country_code", null: false
    t.timestamps
  end

  create_table "categories", force: true do |t|
    t.string "name", null: false
    t.string "slug", null: false, index: { unique: true }
    t.string "ancestry", collation: "BINARY", null: false, default: "/", index: true
    t.integer "position"
    t.timestamps
  end

  create_table "products", force: true do |t|
    t.references "category", null: false
    t.references "supplier", null: false
    t.string "code", null: false, index: { unique: true }
    t.string "name", null: false
    t.string "slug", null: false, index: { unique: true }
    t.text "description"
    t.integer "price_cents", null: false, default: 0
    t.string "price_currency", null: false, default: "EUR"
    t.integer "weight_g", null: false, default: 0
    t.integer "position"
    t.timestamps
  end

  create_table "reviews", force: true do |t|
    t.references "product", null: false
    t.references "customer", null: false
    t.integer "stars", null: false
    t.text "text"
    t.timestamps
  end

  create_table "tags", force: true do |t|
    t.string "name", null: false, index: { unique: true }
  end

  create_table "taggings", force: true do |t|
    t.references "tag", null: false
    t.references "product", null: false
  end

  create_table "warehouses", force: true do |t|
    t.string "name", null: false
    t.string "city", null: false
    t.string "time_zone", null: false
  end

  create_table "stock_levels", force: true do |t|
    t.references "warehouse", null: false
    t.references "product", null: false
    t.integer "quantity", null: false, default: 0
    t.timestamps
  end

  create_table "stock_moves", force: true do |t|
    t.references "stock_level", null: false
    t.integer "quantity", null: false
    t.string "reason", null: false
    t.timestamps
  end

  create_table "orders", force: true do |t|
    t.references "customer", null: false
    t.string "number", null: false, index: { unique: true }
    t.string "state", null: false, default: "draft", index: true
    t.string "currency", null: false, default: "EUR"
    t.integer "total_cents", null: false, default: 0
    t.integer "lines_count", null: false, default: 0
    t.date "ordered_on", null: false
    t.text "remark"
    t.timestamps
  end

  create_table "lines", force: true do |t|
    t.references "order", null: false
    t.references "product", null: false
    t.integer "position"
    t.integer "quantity", null: false, default: 1
    t.integer "price_cents", null: false, default: 0
    t.timestamps
  end

  create_table "coupons", force: true do |t|
    t.string "code", null: false, index: { unique: true }
    t.integer "percent", null: false
    t.date "valid_until"
    t.timestamps
  end

  create_table "shipments", force: true do |t|
    t.references "order", null: false
    t.references "warehouse", null: false
    t.string "carrier", null: false
    t.string "tracking_code"
    t.datetime "shipped_at"
    t.timestamps
  end

  create_table "invoices", force: true do |t|
    t.references "order", null: false
    t.string "number", null: false, index: { unique: true }
    t.integer "total_cents", null: false
    t.date "issued_on", null: false
    t.date "due_on", null: false
    t.timestamps
  end

  create_table "payments", force: true do |t|
    t.references "invoice", null: false
    t.integer "amount_cents", null: false
    t.string "way", null: false
    t.date "received_on", null: false
    t.timestamps
  end

  create_table "notes", force: true do |t|
    t.references "subject", null: false, polymorphic: true
    t.references "user"
    t.text "text", null: false
    t.timestamps
  end

  create_table "tickets", force: true do |t|
    t.references "customer", null: false
    t.references "user"
    t.string "title", null: false
    t.string "state", null: false, default: "open"
    t.timestamps
  end

  create_table "messages", force: true do |t|
    t.references "ticket", null: false
    t.text "text", null: false
    t.timestamps
  end

  create_table "articles", force: true do |t|
    t.references "user", null: false
    t.string "title", null: false
    t.string "slug", null: false, index: { unique: true }
    t.text "markdown", null: false
    t.date "published_on"
    t.timestamps
  end

  create_table "visits", force: true do |t|
    t.references "customer", null: false
    t.references "product", null: false
    t.datetime "created_at", null: false
  end

  create_table "versions", force: true do |t|
    t.string "item_type", null: false
    t.bigint "item_id", null: false
    t.string "event", null: false
    t.string "whodunnit"
    t.text "object"
    t.datetime "created_at"
    t.index %w[item_type item_id]
  end
end
