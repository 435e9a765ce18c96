"""From Terraform resources to AWS objects."""
