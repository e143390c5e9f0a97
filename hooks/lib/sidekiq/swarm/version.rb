# frozen_string_literal: true

module Sidekiq
  module Swarm
    # The version of swarm; CMakeLists.txt names the same one, and a test compares them.
    VERSION = "0.1.0"
  end
end
