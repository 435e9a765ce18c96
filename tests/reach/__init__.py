"""The engine: filters, routes, layers, ports, selection, paths; and bounds that hold for every completion."""
