# Nodes and pods on private subnets of their own, the load balancers and NAT gateways on public ones.

resource "aws_vpc" "this" {
  cidr_block           = "10.60.0.0/16"
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

resource "aws_vpc_ipv4_cidr_block_association" "pods" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "100.64.0.0/16"
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "public" {
  count = length(local.zones)

  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, 64 + count.index)

  tags = {
    Name                     = "${var.name}-public-${count.index}"
    "kubernetes.io/role/elb" = "1"
  }
}

# Where operators work from: Session Manager only, nothing listens to the internet.
resource "aws_subnet" "operators" {
  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[0]
  cidr_block        = var.operators

  tags = { Name = "${var.name}-operators" }
}

resource "aws_subnet" "control_plane" {
  count = length(local.zones)

  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 12, 2048 + count.index)

  tags = { Name = "${var.name}-control-plane-${count.index}" }
}

resource "aws_subnet" "node" {
  count = length(local.zones)

  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 4, count.index)

  tags = {
    Name                              = "${var.name}-node-${count.index}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

resource "aws_subnet" "pod" {
  count = length(local.zones)

  vpc_id            = aws_vpc_ipv4_cidr_block_association.pods.vpc_id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet("100.64.0.0/16", 2, count.index)

  tags = { Name = "${var.name}-pod-${count.index}" }
}

resource "aws_eip" "nat" {
  count = length(local.zones)

  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  count = length(local.zones)

  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.public[count.index].id

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_route_table" "private" {
  count = length(local.zones)

  vpc_id = aws_vpc.this.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.this[count.index].id
  }
}

resource "aws_route_table_association" "public" {
  count = length(local.zones)

  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "operators" {
  subnet_id      = aws_subnet.operators.id
  route_table_id = aws_route_table.private[0].id
}

resource "aws_route_table_association" "private" {
  for_each = merge(
    { for index, subnet in aws_subnet.node : "node-${index}" => { subnet = subnet.id, zone = index } },
    { for index, subnet in aws_subnet.pod : "pod-${index}" => { subnet = subnet.id, zone = index } },
    { for index, subnet in aws_subnet.control_plane : "control-plane-${index}" => { subnet = subnet.id, zone = index } },
  )

  subnet_id      = each.value.subnet
  route_table_id = aws_route_table.private[each.value.zone].id
}

# The second line, which no security group can undo: nobody in another subnet reaches SSH.
resource "aws_network_acl" "node" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = aws_subnet.node[*].id

  ingress {
    rule_no    = 100
    action     = "deny"
    protocol   = "tcp"
    from_port  = 22
    to_port    = 22
    cidr_block = "0.0.0.0/0"
  }

  ingress {
    rule_no         = 101
    action          = "deny"
    protocol        = "tcp"
    from_port       = 22
    to_port         = 22
    ipv6_cidr_block = "::/0"
  }

  ingress {
    rule_no    = 200
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }

  egress {
    rule_no    = 200
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }

  tags = { Name = "${var.name}-node" }
}
