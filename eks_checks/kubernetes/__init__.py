"""Kubernetes objects that Terraform resources bring: manifests, Helm releases, settings of the VPC CNI."""
