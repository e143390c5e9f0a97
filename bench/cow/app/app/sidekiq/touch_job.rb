# frozen_string_literal: true

# Writes to objects that the boot made: the worst that a job can do to shared memory. Each number takes
# another part of them.
class TouchJob
  include Sidekiq::Job

  PARTS = 64

  def perform(number)
    part = number % PARTS
    now = Time.current
    slice(Tariff.zones, part).each { |zone| touch(zone, now) }
    slice(ReferenceTexts.all, part).each { |text| text.force_encoding(text.encoding) && text.valid_encoding? }
  end

  private

  def slice(list, part)
    size = list.size.fdiv(PARTS)
    list[(part * size).floor...((part + 1) * size).floor]
  end

  def touch(zone, now)
    zone.asked_at = now
    zone.rates.each do |rate|
      rate.asked_at = now
      rate.label.upcase!.downcase!
    end
  end
end
