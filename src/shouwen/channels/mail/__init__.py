"""E-mail: fetched from a project's mailbox, read whatever it is, and taken as complaints (docs/email.md)."""
