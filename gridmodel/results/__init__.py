"""What a result says: metrics, deadlines, needs, comparisons, schedules, logs, and the folder it is kept in."""
