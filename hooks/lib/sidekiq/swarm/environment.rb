# frozen_string_literal: true

# The first file that a mold's VM loads: takes out of the environment what the master had added for the VM's start
# alone. It comes before bundler/setup, which keeps a copy of the environment for Bundler.with_original_env.

ENV.delete("SWARM_MOLD_ADDED").to_s.split.each { |name| ENV.delete(name) }
