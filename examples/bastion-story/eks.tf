# The cluster and its three node groups.

resource "aws_kms_key" "secrets" {
  description         = "Kubernetes secrets of ${var.name}"
  enable_key_rotation = true
}

resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = 90
}

resource "aws_eks_cluster" "this" {
  name                      = var.name
  version                   = "1.33"
  role_arn                  = aws_iam_role.cluster.arn
  enabled_cluster_log_types = ["api", "audit", "authenticator"]

  vpc_config {
    subnet_ids              = aws_subnet.private[*].id
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = var.office_cidrs
  }

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.secrets.arn
    }
  }

  depends_on = [
    aws_iam_role_policy_attachment.cluster,
    aws_cloudwatch_log_group.cluster,
  ]
}

resource "aws_eks_access_entry" "operators" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_iam_role.operators.arn
}

resource "aws_eks_access_policy_association" "operators" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.operators.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"

  access_scope {
    type = "cluster"
  }
}

resource "aws_eks_addon" "this" {
  for_each = toset(["vpc-cni", "kube-proxy", "coredns"])

  cluster_name = aws_eks_cluster.this.name
  addon_name   = each.value

  depends_on = [aws_eks_node_group.apps]
}

# --- apps: the careful one. Its own group says "SSH from the bastion only", and the cluster's group was added so that nodes
# and control plane can talk. That group's self rule opens every port to everything that carries it.

resource "aws_launch_template" "apps" {
  name_prefix = "${var.name}-apps-"
  key_name    = var.ssh_key

  vpc_security_group_ids = [
    aws_security_group.node.id,
    aws_eks_cluster.this.vpc_config[0].cluster_security_group_id,
  ]

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # default_tags do not reach what the template launches
  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = merge(local.tags, { Name = "${var.name}-apps" })
    }
  }
}

resource "aws_eks_node_group" "apps" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "apps"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = aws_subnet.private[*].id
  instance_types  = ["m6i.large"]

  scaling_config {
    min_size     = 3
    desired_size = 3
    max_size     = 9
  }

  launch_template {
    id      = aws_launch_template.apps.id
    version = aws_launch_template.apps.latest_version
  }

  depends_on = [aws_iam_role_policy_attachment.node]
}

# --- batch: EKS makes the SSH group itself, for the bastion's group only. It stands beside the cluster's group all the same.

resource "aws_eks_node_group" "batch" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "batch"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = aws_subnet.private[*].id
  instance_types  = ["c6i.xlarge"]
  capacity_type   = "SPOT"

  scaling_config {
    min_size     = 0
    desired_size = 1
    max_size     = 6
  }

  remote_access {
    ec2_ssh_key               = var.ssh_key
    source_security_group_ids = [aws_security_group.bastion.id]
  }

  depends_on = [aws_iam_role_policy_attachment.node]
}

# --- edge: the quick one. Public subnets, a key, no source groups: EKS opens 22 to 0.0.0.0/0.

resource "aws_eks_node_group" "edge" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "edge"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = values(aws_subnet.public)[*].id
  instance_types  = ["t3.medium"]

  scaling_config {
    min_size     = 1
    desired_size = 1
    max_size     = 2
  }

  remote_access {
    ec2_ssh_key = var.ssh_key
  }

  depends_on = [aws_iam_role_policy_attachment.node]
}
