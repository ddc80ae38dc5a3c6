"""Weather formats, one per module: each defines `FORMAT`, and `gridmodel.weather.registry` finds it here."""
