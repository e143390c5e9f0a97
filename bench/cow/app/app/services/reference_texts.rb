# frozen_string_literal: true

# The texts that the application keeps in memory: its translations.
class ReferenceTexts
  class << self
    def all
      @all ||= texts_of(I18n.backend.translations).reject(&:frozen?)
    end

    private

    def texts_of(value)
      case value
      when String then [value]
      when Hash then value.values.flat_map { |part| texts_of(part) }
      when Array then value.flat_map { |part| texts_of(part) }
      else []
      end
    end
  end
end
