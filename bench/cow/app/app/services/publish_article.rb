# frozen_string_literal: true

# Turns Markdown into clean HTML.
class PublishArticle < Task
  def call
    html = sanitized(rendered(Article.find(1 + (number % Article::SEEDED)).markdown))
    document = Nokogiri::HTML5.fragment(html)
    document.css("a").each { |link| link["rel"] = "nofollow" }
    document.css("h2").map(&:text).join(", ") + document.to_html
  end

  private

  def rendered(markdown)
    return Kramdown::Document.new(markdown, input: "GFM").to_html if (number % 4).zero?

    Redcarpet::Markdown.new(Redcarpet::Render::HTML, tables: true, fenced_code_blocks: true).render(markdown)
  end

  def sanitized(html)
    Rails::HTML5::SafeListSanitizer.new.sanitize(html)
  end
end
