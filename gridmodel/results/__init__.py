"""Results of runs: metrics, deadlines, needs, comparisons, outage schedules, logs, and the run folder."""
