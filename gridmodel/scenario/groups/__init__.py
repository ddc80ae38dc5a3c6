"""Settings of a scenario in groups, one module each; a scenario combines them and stays flat."""
