"""One run: its inputs, the loop over time, and the record of what it shows."""
