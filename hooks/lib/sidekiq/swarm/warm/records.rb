# frozen_string_literal: true

# What ActiveRecord learns of each model at its first use: columns, attribute methods, relations, associations,
# the words of its queries. It asks the database for its schema and for rows that cannot exist; it must not
# make a record, nor write.

require "timeout"
require_relative "attempt"

module Sidekiq
  module Swarm
    class Warm
      # The models of ActiveRecord.
      module Records
        # How long the first answer of a database may take. Nobody needs warmth more than a boot.
        ANSWER_S = 5

        extend Attempt

        class << self
          # Warms the models whose tables exist. A database that does not answer raises.
          def run(_adapter)
            return unless defined?(::ActiveRecord::Base)

            models = ::ActiveRecord::Base.descendants.reject { |model| model.abstract_class? || !model.name }
            return if models.empty?

            models.group_by(&:connection_pool).each { |pool, of_pool| warm_pool(pool, of_pool) }
            true
          end

          private

          def warm_pool(pool, models)
            Timeout.timeout(ANSWER_S) { pool.with_connection { |connection| connection.select_value("SELECT 1") } }
            models.each { |model| attempt { warm(model) } }
          end

          def warm(model)
            return unless model.table_exists?

            schema(model)
            relations(model)
            model.reflect_on_all_associations.each { |reflection| attempt { association(reflection) } }
          end

          def schema(model)
            model.define_attribute_methods
            [model.columns_hash, model.column_defaults, model.primary_key, model.attribute_types,
             model._default_attributes, model.content_columns, model.attribute_names, model.symbol_column_to_string("")]
          end

          # A key that is NULL is in no row.
          def relations(model)
            none = model.unscoped.where(model.arel_table[model.primary_key || model.column_names.first].eq(nil))
            none.limit(1).to_a
            none.exists?
            none.count
          end

          def association(reflection)
            [reflection.foreign_key, reflection.join_table] if reflection.respond_to?(:join_table)
            return if reflection.polymorphic?

            [reflection.klass, reflection.association_class, reflection.inverse_of, reflection.join_primary_key]
          end
        end
      end
    end
  end
end
