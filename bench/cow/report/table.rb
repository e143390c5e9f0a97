# frozen_string_literal: true

module Cow
  # A table in Markdown. The first column is text, the others are numbers.
  class Table
    # head, rows  texts
    def initialize(head, rows)
      @head = head
      @rows = rows
    end

    def to_s
      widths = [@head, *@rows].transpose.map { |column| column.map { |cell| cell.to_s.size }.max }
      rules = widths.each_with_index.map { |width, index| index.zero? ? "-" * width : "#{"-" * (width - 1)}:" }
      [@head, rules, *@rows].map { |cells| row(cells, widths) }.join("\n") << "\n"
    end

    private

    def row(cells, widths)
      texts = cells.zip(widths).each_with_index.map do |(cell, width), index|
        index.zero? ? cell.to_s.ljust(width) : cell.to_s.rjust(width)
      end
      "| #{texts.join(" | ")} |"
    end
  end
end
