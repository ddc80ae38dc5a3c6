"""What people look at: the report, plots, maps, exports."""
