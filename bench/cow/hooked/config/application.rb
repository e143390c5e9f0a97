# frozen_string_literal: true

# The application of the bench with a warm-up hook beside it, as its owner would write it into an initializer.

require_relative "../../app/config/application"
