"""What each service does in one step: power, heat, water, generators of its own, people."""
