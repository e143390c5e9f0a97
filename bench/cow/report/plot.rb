# frozen_string_literal: true

require "open3"
require_relative "../trouble"

module Cow
  # One chart, drawn by gnuplot as SVG and as PNG, on a white plate so that it reads on any background.
  class Plot
    TERMINALS = {
      "svg" => 'svg size %<width>d,%<height>d font "DejaVu Sans,Helvetica,Arial,sans-serif,17" background "#ffffff"',
      "png" => 'pngcairo size %<width>d,%<height>d font "DejaVu Sans,15" background "#ffffff"'
    }.freeze
    # Colours that are told apart by colour-blind readers, too.
    COLOURS = { "plain" => "#595959", "process-manager" => "#d55e00", "swarm" => "#0072b2", "hook" => "#009e73",
                "everything" => "#aa4499", "fork-only" => "#b8860b", "warmup-only" => "#56b4e9" }.freeze
    OTHER = "#7f9db9"
    INK = "#1a1a1a"
    STYLE = <<~GNUPLOT
      set encoding utf8
      set termoption noenhanced
      set border 3 linecolor "#{INK}"
      set tics nomirror out textcolor "#{INK}"
      set grid ytics linetype 1 linecolor "#d9d9d9" linewidth 1
      set key below center maxcols 2 reverse Left textcolor "#{INK}" spacing 1.2 height 0.8
    GNUPLOT

    # True where gnuplot is installed.
    def self.possible?
      ENV.fetch("PATH", "").split(":").any? { |folder| File.executable?(File.join(folder, "gnuplot")) }
    end

    def self.colour(way)
      COLOURS.fetch(way, OTHER)
    end

    # A text in gnuplot's quotes.
    def self.quote(text)
      %("#{text.gsub(/["\\]/) { |sign| "\\#{sign}" }}")
    end

    # The distance of round marks on an axis of that length, so that there are two to four of them.
    def self.step(length)
      power = 10**Math.log10(length / 4.0).floor
      [1, 2, 2.5, 5, 10].map { |factor| factor * power }.find { |step| step >= length / 4.0 }
    end

    # lines  gnuplot commands, data blocks among them
    def initialize(lines, width: 1_000, height: 680)
      @lines = lines
      @size = { width: width, height: height }
    end

    # Writes PATH.svg and PATH.png.
    def write(path)
      TERMINALS.each do |kind, terminal|
        head = ["set terminal #{format(terminal, @size)}", "set output #{Plot.quote("#{path}.#{kind}")}"]
        draw([*head, STYLE, *@lines].join("\n"))
      end
    end

    private

    def draw(script)
      output, status = Open3.capture2e("gnuplot", "-d", stdin_data: "#{script}\n")
      raise Trouble, "gnuplot failed: #{output}" unless status.success? && !output.match?(/^\s*line \d+: (?!warning)/)
    end
  end
end
