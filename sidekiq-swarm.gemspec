# frozen_string_literal: true

# The Ruby side of swarm: the names of its hooks, which do nothing under plain Sidekiq, a console or
# a web server. hooks/compat stays off the require path: only the mold puts it there, so that the
# gem never hides another one.
Gem::Specification.new do |spec|
  spec.name = "sidekiq-swarm"
  # Read as text: an installed swarm may have loaded its own copy of that constant already.
  spec.version = File.read(File.join(__dir__, "hooks/lib/sidekiq/swarm/version.rb"))[/VERSION = "(.+)"/, 1]
  spec.authors = ["The sidekiq-swarm authors"]
  spec.summary = "Many Sidekiq processes on one machine as one service"
  spec.description = "Hooks of swarm, a memory-aware pre-fork master for Sidekiq."
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir.glob("hooks/{lib,compat}/**/*.rb", base: __dir__) + ["LICENSE"]
  spec.require_paths = ["hooks/lib"]
  spec.metadata["rubygems_mfa_required"] = "true"
end
