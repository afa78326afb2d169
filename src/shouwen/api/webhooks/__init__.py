"""Webhooks out: a follower of the ledger, signed messages, retries and replays."""
