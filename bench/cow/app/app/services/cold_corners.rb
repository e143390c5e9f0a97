# frozen_string_literal: true

# Parts of the application that few requests ever reach. Each method takes any number.
module ColdCorners
  ALL = %i[countries time_zones holidays phones units lexers services people schedules codes templates forms
           voices queries].freeze
  AWS = %w[S3 SNS SQS].freeze
  FAKERS = %w[Name Address Company Commerce Job Color Food Vehicle Book Music Movie Science Space Lorem].freeze

  module_function

  def countries(number)
    country = ISO3166::Country.all[number % ISO3166::Country.codes.size]
    country.subdivisions.map { |code, part| "#{code} #{part.name}" }
    country.translations.values.sort
  end

  def time_zones(number)
    names = TZInfo::Timezone.all_identifiers
    TZInfo::Timezone.get(names[number % names.size]).transitions_up_to(Time.utc(2030)).size
  end

  def holidays(number)
    regions = Holidays.available_regions
    Holidays.between(Date.new(2024, 1, 1), Date.new(2024, 12, 31), regions[number % regions.size])
  end

  def phones(number)
    codes = Phonelib.phone_data.keys
    Phonelib.parse("0301234567", codes[number % codes.size]).international
  end

  def units(number)
    names = Unit.definitions.keys
    Unit.definition(names[number % names.size]).inspect
  end

  def lexers(number)
    lexers = Rouge::Lexer.all.sort_by(&:tag)
    lexer = lexers[number % lexers.size]
    Rouge::Formatters::HTML.new.format(lexer.lex("one = 1 # a line\n"))
  end

  def services(number)
    Aws.const_get(AWS[number % AWS.size]).const_get(:Client).api.operation_names.size
  end

  def people(number)
    faker = Faker.const_get(FAKERS[number % FAKERS.size])
    Faker::Config.random = Random.new(number)
    faker.singleton_methods(false).grep(/name|title|color|genre/).sort.first(3).map { |name| faker.public_send(name) }
  end

  def schedules(number)
    IceCube::Schedule.new(Time.utc(2024, 1, 1)) { |schedule|
      schedule.add_recurrence_rule(IceCube::Rule.monthly.day_of_month(1 + (number % 28)))
    }.first(12)
  end

  def codes(number)
    RQRCode::QRCode.new("https://depot.example/orders/#{number}").as_svg
  end

  def templates(number)
    Liquid::Template.parse("{% for i in (1..5) %}{{ i | times: n }} {% endfor %}").render("n" => number)
  end

  def forms(number)
    CustomerContract.new.call(name: "Customer", email: "#{number}@depot.example", country_code: "DE").to_h
  end

  def voices(number)
    Twilio::TwiML::VoiceResponse.new { |voice| voice.say(message: "Order #{number} is on its way.") }.to_s
  end

  def queries(number)
    DepotSchema.execute("{ product(id: #{1 + (number % Product::SEEDED)}) { code name reviews { stars } } }").to_h
  end
end
