"""Who reaches what: the topology graph and the exact engine over it."""
