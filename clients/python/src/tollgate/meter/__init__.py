"""Meters a generation against a hold while it runs."""
