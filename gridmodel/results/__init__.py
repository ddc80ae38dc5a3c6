"""Results of runs: metrics, deadlines, needs, comparisons, outage schedules, logs, and the run folder.

Beside metrics are statistics and the settings that move them, severity and value; beside comparisons the standing
deficit; with logs those of cascades and repairs; and observations, posteriors and scores.
"""
