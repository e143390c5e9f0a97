# frozen_string_literal: true

require_relative "plot"

module Cow
  # Lying bars, one a way, in one or more panels beside each other that share their rows.
  class Bars
    ROW = 62
    FRAME = 190
    # An axis has a length also where all figures are zero.
    LEAST = 0.01

    # title  of the whole
    # rows   names of the rows, from the top
    def initialize(title, rows)
      @title = title
      @rows = rows
      @panels = []
    end

    # text  what the panel shows, with its unit
    # bars  for each row [from, to, colour, label], or nil where there is none; further numbers are a range
    def panel(text, bars)
      @panels << [text, bars]
      self
    end

    def plot
      lines = ["set multiplot layout 1,#{@panels.size} title #{Plot.quote(@title)} textcolor \"#{Plot::INK}\" ",
               "set style fill solid 1.0 noborder", "set boxwidth 0.6", "unset key", "set grid xtics noytics",
               *@panels.each_with_index.flat_map { |panel, index| draw(*panel, index) }, "unset multiplot"]
      Plot.new(lines, width: 1_180, height: FRAME + (ROW * @rows.size))
    end

    private

    def draw(text, bars, index)
      margins(index) + ["set xlabel #{Plot.quote(text)}", *x_axis(bars),
                        "set yrange [#{@rows.size - 0.4}:-0.6]", tics(index),
                        block("boxes#{index}", boxes(bars)), block("marks#{index}", marks(bars)),
                        block("texts#{index}", texts(bars)), plot_line(index)]
    end

    # Behind the bars is room for the labels.
    def x_axis(bars)
      label = bars.compact.map { |_, _, _, text| text.size }.max || 0
      length = longest(bars) * (1.06 + (@panels.size * label * 0.018))
      ["set xrange [0:#{format("%.6g", length)}]", "set xtics #{format("%.6g", Plot.step(length))}"]
    end

    # Names stand beside the first panel only.
    def margins(index)
      left = 0.31
      width = (0.97 - left) / @panels.size
      ["set lmargin at screen #{(left + (index * width) + (index.zero? ? 0 : 0.03)).round(3)}",
       "set rmargin at screen #{(left + ((index + 1) * width)).round(3)}",
       "set tmargin at screen #{(1 - (70.0 / height)).round(3)}", "set bmargin at screen #{(90.0 / height).round(3)}"]
    end

    def height
      FRAME + (ROW * @rows.size)
    end

    def tics(index)
      names = @rows.each_with_index.map { |name, row| "#{Plot.quote(index.zero? ? name : "")} #{row}" }
      "set ytics (#{names.join(", ")})"
    end

    def longest(bars)
      [bars.compact.flat_map { |from, to, _, _, *range| [from, to, *range] }.max || 0, LEAST].max
    end

    def boxes(bars)
      each_bar(bars) do |row, (from, to, colour)|
        [(from + to) / 2.0, row, *[from, to].minmax, row - 0.32, row + 0.32, colour.sub("#", "0x")]
      end
    end

    def marks(bars)
      each_bar(bars) { |row, (_, to, _, _, low, high)| [to, row, low, high] if low && low < high }
    end

    def texts(bars)
      each_bar(bars) { |row, (from, to, _, text, _, high)| [[from, to, high].compact.max, row, Plot.quote(text)] }
    end

    def each_bar(bars)
      bars.each_with_index.filter_map { |bar, row| yield(row, bar) if bar }
    end

    # Nothing to draw is a point out of sight.
    def block(name, rows)
      rows = [[-1, -9, -1, -1, -9, -9, 0]] if rows.empty?
      "$#{name} << EOD\n#{rows.map { |row| row.join(" ") }.join("\n")}\nEOD"
    end

    def plot_line(index)
      "plot $boxes#{index} using 1:2:3:4:5:6:7 with boxxyerror linecolor rgb variable, " \
        "$marks#{index} using 1:2:3:4 with xerrorbars linecolor \"#{Plot::INK}\" linewidth 1.5 pointtype 0, " \
        "$texts#{index} using 1:2:3 with labels left offset character 0.7,0 textcolor \"#{Plot::INK}\""
    end
  end
end
