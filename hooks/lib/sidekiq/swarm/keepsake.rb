# frozen_string_literal: true

# What some objects were at one moment: their instance variables, and what the arrays, hashes and sets among
# those held. It must not know what the objects are for, and calls none of their own methods.

require "set"

module Sidekiq
  module Swarm
    # A copy to come back to. Containers are filled anew in place, since others may know them; one that was
    # frozen meanwhile is exchanged.
    class Keepsake
      CONTAINERS = [Array, Hash, Set].freeze

      def initialize(*objects)
        @contents = {}.compare_by_identity
        @variables = {}.compare_by_identity
        objects.each { |object| @variables[object] = variables(object) }
      end

      # Makes the objects what they were.
      def restore
        @whole = {}.compare_by_identity
        @variables.each do |object, kept|
          (object.instance_variables - kept.keys).each { |name| object.remove_instance_variable(name) }
          kept.each { |name, value| object.instance_variable_set(name, whole(value)) }
        end
      end

      private

      def variables(object)
        object.instance_variables.to_h { |name| [name, keep(object.instance_variable_get(name))] }
      end

      # What is frozen already cannot change.
      def keep(value)
        return value if value.frozen? || !CONTAINERS.include?(value.class) || @contents.key?(value)

        @contents[value] = value.dup
        (value.is_a?(Hash) ? value.values : value.to_a).each { |one| keep(one) }
        value
      end

      def whole(value)
        copy = @contents[value] or return value

        @whole.fetch(value) do
          @whole[value] = value
          @whole[value] = put_back(value, with_whole_content(copy))
        end
      end

      def with_whole_content(copy)
        case copy
        when Hash then copy.dup.tap { |hash| hash.each { |key, one| hash[key] = whole(one) } }
        when Array then copy.map { |one| whole(one) }
        else Set.new(copy.map { |one| whole(one) })
        end
      end

      def put_back(value, content)
        value.frozen? ? content : value.replace(content)
      end
    end
  end
end
