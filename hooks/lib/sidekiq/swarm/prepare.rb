# frozen_string_literal: true

# Makes the heap of a mold fit for sharing, once, before the first fork. It must not run in a worker:
# there it would write on all the pages that are shared.

module Sidekiq
  module Swarm
    # The preparation of the heap.
    module Prepare
      # Four collections make every survivor old (three ages, one more for what the first one freed).
      COLLECTIONS = 4

      class << self
        # How much of it: :full, :"no-compact" (for extensions that cannot stand that objects move) or :none.
        # Full is Process.warmup where Ruby has it (3.3), else what it does, by hand; Process.warmup always
        # compacts. RUBY_DISABLE_WARMUP=1, which Sidekiq knows too, is none.
        def run(how = :full)
          return if how == :none || ENV["RUBY_DISABLE_WARMUP"] == "1"
          return Process.warmup if how == :full && Process.respond_to?(:warmup)

          know_code_ranges
          COLLECTIONS.times { GC.start }
          GC.compact if how == :full && GC.respond_to?(:compact)
        end

        private

        # A string learns at first use whether it is plain ASCII and notes it in its own header: a write on
        # a shared page.
        def know_code_ranges
          ObjectSpace.each_object(String, &:valid_encoding?)
        end
      end
    end
  end
end
