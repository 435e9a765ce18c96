"""Terraform's functions over values that may be partly unknown."""
