# frozen_string_literal: true

# Waits, as for a partner's answer.
class AskPartner < Task
  def call
    sleep(0.005 + (0.001 * (number % 16)))
  end
end
