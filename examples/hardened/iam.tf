data "aws_iam_policy_document" "trust" {
  for_each = { cluster = "eks.amazonaws.com", node = "ec2.amazonaws.com" }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }
  }
}

resource "aws_iam_role" "cluster" {
  name               = "${var.name}-cluster"
  assume_role_policy = data.aws_iam_policy_document.trust["cluster"].json
}

resource "aws_iam_role" "node" {
  name               = "${var.name}-node"
  assume_role_policy = data.aws_iam_policy_document.trust["node"].json
}

locals {
  policies = {
    AmazonEKSClusterPolicy             = aws_iam_role.cluster.name
    AmazonEKSWorkerNodeMinimalPolicy   = aws_iam_role.node.name
    AmazonEC2ContainerRegistryPullOnly = aws_iam_role.node.name
    AmazonSSMManagedInstanceCore       = aws_iam_role.node.name
  }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.policies

  role       = each.value
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

# The CNI has a role of its own, so that the nodes' role cannot change the network.
resource "aws_iam_role" "cni" {
  name = "${var.name}-cni"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "cni" {
  role       = aws_iam_role.cni.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
}
