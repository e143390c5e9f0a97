# frozen_string_literal: true

Phonelib.default_country = "DE"
Geocoder.configure(lookup: :nominatim, timeout: 5, units: :km)

Unit.define("ream") do |ream|
  ream.definition = Unit.new("500 each")
  ream.aliases = %w[ream reams]
end
