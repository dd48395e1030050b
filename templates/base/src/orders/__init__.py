"""Accepts orders and passes them on to the downstream service."""
