# frozen_string_literal: true

require_relative "../support/figures"

# What the master itself takes, over time.
class MasterFigures
  EVERY_S = 1
  # Larger growth from the first quarter to the last is none of noise.
  FLAT_KIB = 256

  attr_reader :samples, :start_descriptors, :end_descriptors

  def initialize(pid)
    @pid = pid
    @samples = []
    @at = 0
  end

  def begin
    @start_descriptors = Figures.descriptors(@pid)
  end

  # To be called often.
  def tick
    return if Deadline.now - @at < EVERY_S

    @at = Deadline.now
    @samples << Figures.rss_kib(@pid)
  end

  def end
    @end_descriptors = Figures.descriptors(@pid)
  end

  # Medians of the first and of the last quarter of the time, in KiB.
  def quarters
    size = [@samples.size / 4, 1].max
    [@samples.first(size), @samples.last(size)].map { |list| list.sort[list.size / 2] }
  end

  def flat?
    first, last = quarters
    last - first <= FLAT_KIB
  end

  # Kinds of which there are more at the end than at the start.
  def leaked_descriptors
    @end_descriptors.select { |kind, count| count > @start_descriptors.fetch(kind, 0) }
  end
end
