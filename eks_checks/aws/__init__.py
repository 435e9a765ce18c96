"""The AWS domain: VPC, firewall, interface and EKS objects in AWS's own words, as frozen dataclasses."""
