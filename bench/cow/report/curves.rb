# frozen_string_literal: true

require_relative "plot"

module Cow
  # Figures as lines over something that grows: one line a way, with the range of its runs as bars.
  class Curves
    # title, x, y  texts; y with its unit
    # names        texts below the x axis, one for each of its points; nil: points lie where their numbers are
    # top          the end of the y axis; nil: as far as the figures go
    def initialize(title:, x_text:, y_text:, names: nil, top: nil)
      @title = title
      @x_text = x_text
      @y_text = y_text
      @names = names
      @top = top
      @lines = []
    end

    # points  {x => Statistics}
    def add(title, colour, points)
      @lines << [title, colour, points.reject { |_, figure| figure.none? }]
      self
    end

    def plot
      Plot.new([*head, *blocks, "plot #{@lines.each_index.map { |index| line(index) }.join(", \\\n  ")}"])
    end

    private

    def head
      ["set title #{Plot.quote(@title)} textcolor \"#{Plot::INK}\"", "set xlabel #{Plot.quote(@x_text)}",
       "set ylabel #{Plot.quote(@y_text)}", "set yrange [0:#{@top || format("%.6g", highest * 1.08)}]", x_axis]
    end

    def highest
      [@lines.flat_map { |_, _, points| points.values.map(&:max) }.max || 0, 1].max
    end

    def x_axis
      return numbers_axis unless @names

      tics = @names.each_with_index.map { |name, index| "#{Plot.quote(name)} #{index}" }
      "set xrange [-0.3:#{@names.size - 0.7}]\nset xtics (#{tics.join(", ")})"
    end

    def numbers_axis
      numbers = @lines.flat_map { |_, _, points| points.keys }.uniq
      "set xrange [0:#{format("%.6g", numbers.max * 1.05)}]\nset xtics (#{[0, *numbers].join(", ")})"
    end

    def blocks
      @lines.each_with_index.map do |(_, _, points), index|
        rows = points.map { |x, figure| [@names ? @names.index(x.to_s) : x, figure.median, figure.min, figure.max] }
        "$line#{index} << EOD\n#{rows.map { |row| row.join(" ") }.join("\n")}\nEOD"
      end
    end

    def line(index)
      title, colour, = @lines[index]
      style = "linecolor \"#{colour}\" linewidth 2.5 pointtype 7 pointsize 1"
      "$line#{index} using 1:2:3:4 with yerrorlines #{style} title #{Plot.quote(title)}"
    end
  end
end
