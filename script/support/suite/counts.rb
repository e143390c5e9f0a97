# frozen_string_literal: true

module Suite
  # What one command's tests came to: numbers, and a sentence for each skipped test and each trouble
  # that the numbers alone would not show.
  Counts = Struct.new(:passed, :failed, :skipped, :skips, :troubles, keyword_init: true) do
    def self.none
      new(passed: 0, failed: 0, skipped: 0, skips: [], troubles: [])
    end

    def +(other)
      self.class.new(**to_h.merge(other.to_h) { |_, mine, theirs| mine + theirs })
    end

    # Adds one failure that no test framework counted: a crash, a time limit, a missing count.
    def trouble!(text)
      self.failed += 1
      troubles << text
      self
    end

    def failed?
      failed.positive?
    end

    def to_s
      "#{passed} passed, #{failed} failed, #{skipped} skipped"
    end
  end
end
