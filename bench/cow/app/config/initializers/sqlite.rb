# frozen_string_literal: true

# A thread that waits for the database lets other threads of its process run: the one that holds the lock
# may be among them. Rails 7.2 waits in a way that stops them all.
module WaitForDatabase
  private

  def configure_connection
    super
    @raw_connection.busy_handler_timeout = 120_000
  end
end

ActiveSupport.on_load(:active_record_sqlite3adapter) { prepend WaitForDatabase }
