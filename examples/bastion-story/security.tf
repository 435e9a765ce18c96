# The firewall as its author understood it: "SSH to the nodes from the bastion only".

# Private subnets: no SSH from outside the VPC. Inside the VPC entry 100 admits everything, so the entry that denies 22 is
# only ever asked about outside addresses: it does not keep pods out.
resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = aws_subnet.private[*].id

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = var.cidr
  }

  ingress {
    rule_no    = 110
    action     = "deny"
    protocol   = "tcp"
    from_port  = 22
    to_port    = 22
    cidr_block = "0.0.0.0/0"
  }

  ingress {
    rule_no    = 120
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }

  tags = { Name = "${var.name}-private" }
}

resource "aws_security_group" "node" {
  name_prefix = "${var.name}-node-"
  description = "Nodes: SSH from the bastion only"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-node" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "node_ssh_from_bastion" {
  security_group_id            = aws_security_group.node.id
  description                  = "SSH from the bastion"
  ip_protocol                  = "tcp"
  from_port                    = 22
  to_port                      = 22
  referenced_security_group_id = aws_security_group.bastion.id
}

# What nodes need of one another and of the control plane; 22 is not in it.
locals {
  cluster_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id

  node_rules = {
    unprivileged_tcp = { protocol = "tcp", from = 1025, to = 65535, source = aws_security_group.node.id }
    dns_tcp          = { protocol = "tcp", from = 53, to = 53, source = aws_security_group.node.id }
    dns_udp          = { protocol = "udp", from = 53, to = 53, source = aws_security_group.node.id }
    kubelet          = { protocol = "tcp", from = 10250, to = 10250, source = local.cluster_security_group_id }
    webhooks         = { protocol = "tcp", from = 443, to = 443, source = local.cluster_security_group_id }
  }
}

resource "aws_vpc_security_group_ingress_rule" "node" {
  for_each = local.node_rules

  security_group_id            = aws_security_group.node.id
  description                  = each.key
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.from
  to_port                      = each.value.to
  referenced_security_group_id = each.value.source
}

resource "aws_vpc_security_group_egress_rule" "node" {
  security_group_id = aws_security_group.node.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}
