"""Words to customers: templates, what may stand in them, composing, sending, and what was sent."""
