"""What Terraform knows, and nothing of AWS: documents, resources, values and references."""
