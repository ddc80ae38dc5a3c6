"""Electricity: demand, dispatch under damage, cascades, and what homes and plant get of it."""
