# frozen_string_literal: true

# The fonts that every PDF reader has are enough for invoices.
Prawn::Fonts::AFM.hide_m17n_warning = true

Premailer::Rails.config.merge!(generate_text_part: false, preserve_styles: true, remove_ids: true)
