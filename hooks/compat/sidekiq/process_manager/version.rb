# frozen_string_literal: true

# The gem's own file of that name would define the constant a second time.

require "sidekiq/process_manager"
