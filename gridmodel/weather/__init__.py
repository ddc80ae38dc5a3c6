"""Temperature series: read and checked."""

from gridmodel.weather.read import HISTORY_DAYS, load_weather, weather_for

__all__ = ["HISTORY_DAYS", "load_weather", "weather_for"]
