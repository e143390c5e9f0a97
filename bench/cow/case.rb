# frozen_string_literal: true

module Cow
  # After so many jobs a worker the processes are looked at, as far as there are so many, and at the end.
  CHECKPOINTS = [0, 1, 10, 100, 1_000, 2_000, 10_000].freeze

  # What is measured: a way, how many workers of how many threads, which job and how many of them a worker.
  Case = Struct.new(:way, :processes, :concurrency, :job, :jobs, keyword_init: true) do
    def checkpoints
      CHECKPOINTS.select { |number| number < jobs } << jobs
    end

    # How results name it.
    def key
      to_h.transform_keys(&:to_s)
    end

    def to_s
      threads = concurrency ? " of #{concurrency} threads" : ""
      "#{way}, #{processes} workers#{threads}, #{jobs} jobs each (#{job})"
    end
  end
end
