"""Meters, their readings, and the bills that are made of them."""
