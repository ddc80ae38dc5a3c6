"""Checks of plain tables, whatever format they come from."""
