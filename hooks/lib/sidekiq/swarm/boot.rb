# frozen_string_literal: true

# The script that the mold hands to the Ruby VM. C calls Sidekiq::Swarm::Runtime when it has returned.
#
# It owns the load path: ours comes first, also after bundler/setup, so that an application's
# `require "sidekiq/swarm"` finds the files loaded here and not a second copy from a gem, and
# `require "sidekiq/process_manager"` finds the one that registers with swarm. It must not load
# Sidekiq or the application.

hooks = File.expand_path("../../..", __dir__)
$LOAD_PATH.unshift(File.join(hooks, "compat"), File.join(hooks, "lib"))

require "sidekiq/swarm"
require "sidekiq/swarm/runtime"
