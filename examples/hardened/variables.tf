variable "name" {
  type    = string
  default = "harbour"
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "account" {
  type    = string
  default = "111122223333"
}

variable "operators" {
  description = "Where kubectl is used: a network that reaches the VPC."
  type        = string
  default     = "10.60.96.0/24"
}

locals {
  tags = {
    Cluster = var.name
    Team    = "platform"
  }

  zones = ["${var.region}a", "${var.region}b"]
}
