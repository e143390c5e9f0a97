# frozen_string_literal: true

# What all records share.
class ApplicationRecord < ActiveRecord::Base
  primary_abstract_class
end
