# frozen_string_literal: true

# Lets a thread that waits for SQLite's lock give way to the thread that holds it. Rails does so from 8.0 on; before,
# the wait holds Ruby's own lock (sqlite3-ruby, `busy_handler_timeout`).
module PatientDatabase
  private

  def configure_connection
    super
    @raw_connection.busy_handler_timeout = 10_000
  end
end

ActiveSupport.on_load(:active_record_sqlite3adapter) { prepend PatientDatabase }
