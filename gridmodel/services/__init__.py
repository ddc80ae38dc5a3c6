"""Services: power, heat, water, backup and people, each taken step by step."""
