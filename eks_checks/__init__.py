"""Checks of Amazon EKS clusters described in Terraform: who reaches the nodes, and why, before `apply`."""

__version__ = "0.1.0"
