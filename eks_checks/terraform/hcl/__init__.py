"""HCL as written: bodies, blocks, arguments and expression trees with their places; nothing is evaluated."""
