"""What must last: chained entries, erasable facts, seals, attachments, personal data."""
