"""Studies of many runs, or of one run again: sweeps, sensitivity, mitigation, AC check, branching."""
