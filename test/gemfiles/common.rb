# frozen_string_literal: true

# What every Gemfile of the tests shares. Evaluated by them with eval_gemfile; it names no host: the
# source is the one that `gem` is set to on this machine.
source Gem.sources.first.uri.to_s

gem "minitest", "5.27.0"
gem "rake", "13.4.2"
gem "sidekiq-swarm", path: "../.."
