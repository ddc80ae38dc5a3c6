"""Weather that could be: winters and cold spells drawn from norms and variability."""
