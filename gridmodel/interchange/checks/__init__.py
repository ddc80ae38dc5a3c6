"""What can be wrong with a network of any kind."""
