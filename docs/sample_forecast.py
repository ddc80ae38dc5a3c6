"""Make the sample forecast of the docs: a made-up cold spell of five days, as Open-Meteo writes a CSV of several places."""
