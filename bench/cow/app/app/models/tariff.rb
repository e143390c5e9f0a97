# frozen_string_literal: true

# What carriers ask, by country and weight. Read once, when the application boots, and kept.
class Tariff
  STEPS_G = [100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 31_500].freeze

  class << self
    attr_reader :zones

    def load
      @zones = ISO3166::Country.codes.sort.flat_map do |code|
        Shipment::CARRIERS.map { |carrier| Zone.new(code, carrier) }
      end
    end

    def find(code, carrier)
      zones.find { |zone| zone.country_code == code && zone.carrier == carrier }
    end
  end

  # The prices of one carrier to one country.
  class Zone
    attr_reader :country_code, :carrier, :rates
    attr_accessor :asked_at

    def initialize(country_code, carrier)
      @country_code = country_code
      @carrier = carrier
      @asked_at = nil
      @rates = STEPS_G.map { |weight_g| Rate.new(country_code, carrier, weight_g) }
    end

    def rate_for(weight_g)
      rates.find { |rate| weight_g <= rate.weight_g } || rates.last
    end
  end

  # The price up to one weight.
  class Rate
    attr_reader :weight_g, :label, :cents
    attr_accessor :asked_at

    def initialize(country_code, carrier, weight_g)
      @weight_g = weight_g
      @label = +"#{carrier} #{country_code} up to #{weight_g} g"
      @cents = 200 + (weight_g / 10) + (Zlib.crc32(@label) % 400)
      @asked_at = nil
    end
  end
end
