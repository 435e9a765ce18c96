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
  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  vpc_config {
    subnet_ids              = aws_subnet.control_plane[*].id
    security_group_ids      = [aws_security_group.control_plane.id]
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  # Every administrator is written down below; nobody becomes one by creating the cluster.
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
    aws_iam_role_policy_attachment.this,
    aws_cloudwatch_log_group.cluster,
  ]
}

resource "aws_eks_access_entry" "operators" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = "arn:aws:iam::${var.account}:role/${var.name}-operators"
}

resource "aws_eks_access_policy_association" "operators" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.operators.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

resource "aws_launch_template" "node" {
  name_prefix            = "${var.name}-node-"
  vpc_security_group_ids = [aws_security_group.node.id]

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
      tags          = merge(local.tags, { Name = "${var.name}-node" })
    }
  }
}

resource "aws_eks_node_group" "this" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "general"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = aws_subnet.node[*].id
  ami_type        = "AL2023_x86_64_STANDARD"
  instance_types  = ["m6i.large"]

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  scaling_config {
    desired_size = 2
    max_size     = 6
    min_size     = 2
  }

  depends_on = [aws_iam_role_policy_attachment.this]
}

# Pods come from subnets of their own with a group of their own: what the nodes' group admits is not theirs.
resource "aws_eks_addon" "cni" {
  cluster_name = aws_eks_cluster.this.name
  addon_name   = "vpc-cni"

  pod_identity_association {
    role_arn        = aws_iam_role.cni.arn
    service_account = "aws-node"
  }

  configuration_values = jsonencode({
    env = {
      AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG = "true"
      ENI_CONFIG_LABEL_DEF               = "topology.kubernetes.io/zone"
      ENABLE_SUBNET_DISCOVERY            = "false"
    }
    eniConfig = {
      create = true
      region = var.region
      subnets = {
        for index, zone in local.zones : zone => {
          id             = aws_subnet.pod[index].id
          securityGroups = [aws_security_group.pod.id]
        }
      }
    }
  })
}

resource "helm_release" "calico" {
  name             = "calico"
  repository       = "https://docs.tigera.io/calico/charts"
  chart            = "tigera-operator"
  namespace        = "tigera-operator"
  create_namespace = true

  values = [yamlencode({ installation = { kubernetesProvider = "EKS" } })]
}

# What no security group sees: a pod's traffic to the node it runs on.
resource "kubectl_manifest" "no_ssh_to_nodes" {
  yaml_body = <<-YAML
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata:
      name: no-ssh-to-nodes
    spec:
      order: 10
      selector: all()
      types: [Egress]
      egress:
        - action: Deny
          protocol: TCP
          destination:
            nets: [${aws_vpc.this.cidr_block}]
            ports: [22]
  YAML

  depends_on = [helm_release.calico]
}

resource "kubectl_manifest" "all_else" {
  yaml_body = <<-YAML
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata:
      name: all-else
    spec:
      order: 20
      types: [Egress]
      egress:
        - action: Allow
  YAML

  depends_on = [helm_release.calico]
}
