# frozen_string_literal: true

# Templates are found in their folders and compiled when they are first shown, in each worker. It compiles those
# whose local variables are known: what is no partial is nearly always shown without any, and a partial with
# strict locals names them. It must not show one: that would run the application's code.

require_relative "attempt"

module Sidekiq
  module Swarm
    class Warm
      # ActionView, from Rails 7.1 on.
      module Views
        extend Attempt

        class << self
          # Compiles what can be compiled. Where templates are read anew when their files change, nothing.
          def run(_adapter)
            return unless defined?(::ActionView::PathRegistry) && ::ActionView::Resolver.caching?

            ::ActionView::PathRegistry.all_file_system_resolvers.each { |resolver| of_folder(resolver) }
            true
          end

          private

          # One view for a folder: what is compiled goes into the class that all of them share.
          def of_folder(resolver)
            lookup = ::ActionView::LookupContext.new(::ActionView::PathSet.new([resolver]))
            view = ::ActionView::LookupContext::DetailsKey.view_context_class.new(lookup, {}, nil)
            resolver.all_template_paths.each do |path|
              attempt { find(lookup, path).each { |template| attempt { template.send(:compile!, view) } } }
            end
          end

          def find(lookup, path)
            found = lookup.find_all(path.name, [path.prefix], path.partial?, [])
            path.partial? ? found.select(&:strict_locals?) : found
          end
        end
      end
    end
  end
end
