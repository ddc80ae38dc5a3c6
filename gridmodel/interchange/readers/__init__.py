"""Readers of network files as plain tables: nothing that a file names is ever imported or called."""
