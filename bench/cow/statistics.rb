# frozen_string_literal: true

module Cow
  # What is said of a figure that was taken several times.
  class Statistics
    attr_reader :numbers

    # numbers  one of each run; without nil
    def initialize(numbers)
      @numbers = numbers.compact.sort
    end

    def none?
      numbers.empty?
    end

    def median
      middle = numbers.size / 2
      numbers.size.odd? ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2.0
    end

    def min
      numbers.first
    end

    def max
      numbers.last
    end

    # The median with the range behind it, e.g. "702 (698-711)"; "-" where there is nothing.
    def to_text(digits)
      return "-" if none?

      middle, *ends = [median, min, max].map { |number| format("%.#{digits}f", number) }
      ends.uniq == [middle] ? middle : "#{middle} (#{ends.join("-")})"
    end
  end
end
