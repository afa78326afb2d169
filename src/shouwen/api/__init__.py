"""The HTTP API: keys, operations under /api/v1/, webhooks out (docs/api.md)."""
