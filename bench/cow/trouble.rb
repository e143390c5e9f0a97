# frozen_string_literal: true

module Cow
  # What keeps the bench from going on. Its text names the place and the remedy; the user sees nothing else.
  class Trouble < StandardError; end
end
