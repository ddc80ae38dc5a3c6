"""Many runs, or one again: sweeps, sensitivity, ranking of help, AC check, branching."""
