variable "name" {
  description = "Name of the cluster, and prefix of what belongs to it."
  type        = string
  default     = "harbour"
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-central-1"
}

variable "cidr" {
  description = "IPv4 block of the VPC."
  type        = string
  default     = "10.40.0.0/16"
}

variable "zone_letters" {
  description = "Availability zones to use."
  type        = list(string)
  default     = ["a", "b", "c"]
}

variable "office_cidrs" {
  description = "Where people may reach the bastion from."
  type        = list(string)
  default     = ["11.22.33.0/24"]
}

variable "ssh_key" {
  description = "Name of the EC2 key pair of the operators."
  type        = string
  default     = "operators"
}

locals {
  zones = [for letter in var.zone_letters : "${var.region}${letter}"]

  tags = {
    Project     = var.name
    Environment = "production"
    ManagedBy   = "terraform"
  }
}
