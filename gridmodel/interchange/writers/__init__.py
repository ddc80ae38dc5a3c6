"""Writers of network files, each with every digit."""
