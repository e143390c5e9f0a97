# frozen_string_literal: true

# The name by which Bundler.require loads the gem sidekiq-process_manager. It must come to the same as
# `require "sidekiq/process_manager"`, or the old gem's own hooks would take the place of swarm's.

require "sidekiq/process_manager"
