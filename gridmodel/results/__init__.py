"""Results of runs.

Metrics, statistics and the settings that move them; deadlines, needs, severity and value; comparisons and the standing
deficit; outage schedules; logs of cascades and repairs; observations, posteriors and scores; the schema and attributes
of files, and the run folder.
"""
