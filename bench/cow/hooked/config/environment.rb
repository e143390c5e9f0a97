# frozen_string_literal: true

require_relative "../../app/config/environment"
require "sidekiq/swarm"

# The numbers are below those of the jobs that are measured.
Sidekiq::Swarm.warmup { |run| 400.times { |number| run.job(MixedJob, number) } }
