"""What the model says beside what was reported."""
