# frozen_string_literal: true

require_relative "counts"

module Suite
  # One reader for each framework: the text that it printed -> Counts, or nil where no count stands
  # in the text (its runner crashed, or never ran).
  module Readers
    MINITEST_SUMMARY = /^(\d+) runs, \d+ assertions, (\d+) failures, (\d+) errors, (\d+) skips/
    MINITEST_SKIP = /^\s+\d+\) Skipped:\n(\S+)(?: \[[^\n]*\])?:?\n([^\n]*)/
    CMOCKA_PASSED = /^\[\s+PASSED\s+\] (\d+) test\(s\)/
    CMOCKA_FAILED = /^\[\s+FAILED\s+\] (\d+) test\(s\)/
    CMOCKA_SKIPPED = /^\[\s+SKIPPED\s+\] (\d+) test\(s\)/
    CMOCKA_SKIP = /^\[\s+SKIPPED\s+\] ([A-Za-z_]\w*)$/

    module_function

    # minitest, run with -v so that it tells the reasons of skipped tests.
    def minitest(text)
      summary = text.scan(MINITEST_SUMMARY).last&.map(&:to_i)
      return nil unless summary && summary[0].positive?

      runs, failures, errors, skips = summary
      Counts.new(passed: runs - failures - errors - skips, failed: failures + errors,
                 skipped: skips, skips: text.scan(MINITEST_SKIP).map { |pair| pair.join(": ") },
                 troubles: [])
    end

    # cmocka; an executable may run several groups, each with a summary of its own.
    def cmocka(text)
      passed, failed, skipped = [CMOCKA_PASSED, CMOCKA_FAILED, CMOCKA_SKIPPED].map do |pattern|
        text.scan(pattern).flatten.sum(&:to_i)
      end
      return nil unless (passed + failed + skipped).positive?

      Counts.new(passed: passed, failed: failed, skipped: skipped,
                 skips: text.scan(CMOCKA_SKIP).flatten.uniq, troubles: [])
    end

    # A check that is its exit status: one test. Its text says "skipped: REASON" when it could not run.
    def check(text)
      reason = text[/^skipped: (.*)$/, 1]
      counts = Counts.none
      reason ? counts.skipped = 1 : counts.passed = 1
      counts.skips << reason if reason
      counts
    end
  end
end
