# Groups only allow, and all groups of an interface add up: so the nodes carry one group, and it is theirs.

resource "aws_security_group" "node" {
  name_prefix = "${var.name}-node-"
  description = "Nodes of ${var.name}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-node" }
}

resource "aws_security_group" "pod" {
  name_prefix = "${var.name}-pod-"
  description = "Pods of ${var.name}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-pod" }
}

resource "aws_security_group" "control_plane" {
  name_prefix = "${var.name}-control-plane-"
  description = "Who reaches the API of ${var.name} inside the network"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-control-plane" }
}

locals {
  groups = {
    node          = aws_security_group.node.id
    pod           = aws_security_group.pod.id
    control_plane = aws_security_group.control_plane.id
  }

  # target, source, protocol, ports: what EKS needs, and nothing that holds 22
  rules = {
    api_from_nodes        = ["control_plane", "node", "tcp", 443, 443]
    api_from_pods         = ["control_plane", "pod", "tcp", 443, 443]
    kubelet               = ["node", "control_plane", "tcp", 10250, 10250]
    webhooks              = ["pod", "control_plane", "tcp", 8443, 9443]
    pod_api               = ["pod", "control_plane", "tcp", 10250, 10251]
    dns_tcp               = ["pod", "pod", "tcp", 53, 53]
    dns_udp               = ["pod", "pod", "udp", 53, 53]
    dns_tcp_from_nodes    = ["pod", "node", "tcp", 53, 53]
    dns_udp_from_nodes    = ["pod", "node", "udp", 53, 53]
    pods_among_themselves = ["pod", "pod", "tcp", 1025, 65535]
    probes                = ["pod", "node", "tcp", 1025, 65535]
    nodes_dns_tcp         = ["node", "node", "tcp", 53, 53]
    nodes_dns_udp         = ["node", "node", "udp", 53, 53]
    nodes_high            = ["node", "node", "tcp", 1025, 65535]
    node_metrics          = ["node", "pod", "tcp", 9100, 10250]
  }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = local.rules

  description                  = each.key
  security_group_id            = local.groups[each.value[0]]
  referenced_security_group_id = local.groups[each.value[1]]
  ip_protocol                  = each.value[2]
  from_port                    = each.value[3]
  to_port                      = each.value[4]
}

resource "aws_vpc_security_group_ingress_rule" "operators" {
  description       = "kubectl"
  security_group_id = aws_security_group.control_plane.id
  cidr_ipv4         = var.operators
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.groups

  security_group_id = each.value
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
