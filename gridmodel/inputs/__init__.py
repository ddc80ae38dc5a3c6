"""Files from strangers made safe: found, bounded, and read as plain data."""
