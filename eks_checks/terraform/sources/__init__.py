"""The configuration as its sources have it: modules, what they declare, and where it stands."""
