"""Third-party files, read safely: found, limited in size, and taken as plain data."""
