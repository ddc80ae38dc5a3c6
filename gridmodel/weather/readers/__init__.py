"""One module a weather format."""
