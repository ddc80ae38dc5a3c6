"""Output for people: report, plots, maps, exports, languages."""
