terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 2.0"
    }
    kubectl = {
      source  = "gavinbunney/kubectl"
      version = ">= 1.14"
    }
  }
}

# One role creates this cluster, and no other: nobody's own credentials do.
provider "aws" {
  region = var.region

  assume_role {
    role_arn = "arn:aws:iam::${var.account}:role/${var.name}-creator"
  }

  # A tag whose value only this cluster has: IAM conditions can name it.
  default_tags {
    tags = local.tags
  }
}
