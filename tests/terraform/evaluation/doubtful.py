"""Worlds in which a variable without a value decides whether there is a resource, a case for each family."""

from __future__ import annotations

from tests.terraform.evaluation.worlds import ASSOCIATED, GATEWAY, GROUP, HOST, NETWORK, OUT

CONNECTED = NETWORK + GATEWAY + OUT
ALL = CONNECTED + ASSOCIATED + GROUP + HOST
CLOSED = GROUP.replace('"0.0.0.0/0"]\n  }\n  egress', '"203.0.113.7/32"]\n  }\n  egress')
NO_TABLE = CONNECTED + GROUP + HOST
SSH = 'from_port = 22\n to_port = 22\n protocol = "tcp"\n'
WHEN = "count = var.x ? 1 : 0"

CASES: dict[str, tuple[str, str]] = {
    "rule": (
        CONNECTED + ASSOCIATED + CLOSED + HOST,
        f"""resource "aws_security_group_rule" "more" {{
          {WHEN}
          type = "ingress"
          {SSH}
          cidr_blocks = ["0.0.0.0/0"]
          security_group_id = aws_security_group.this.id
        }}""",
    ),
    "vpc rule": (
        CONNECTED + ASSOCIATED + CLOSED + HOST,
        f"""resource "aws_vpc_security_group_ingress_rule" "more" {{
          {WHEN}
          from_port = 22
          to_port = 22
          ip_protocol = "tcp"
          cidr_ipv4 = "11.22.33.0/24"
          security_group_id = aws_security_group.this.id
        }}""",
    ),
    "route": (NETWORK + GATEWAY + ASSOCIATED + GROUP + HOST, OUT.replace("{", "{\n" + WHEN, 1)),
    "association": (NO_TABLE, ASSOCIATED.replace("{", "{\n" + WHEN, 1)),
    "second association": (
        ALL,
        f"""resource "aws_route_table" "empty" {{ vpc_id = aws_vpc.this.id }}
        resource "aws_route_table_association" "empty" {{
          {WHEN}
          subnet_id = aws_subnet.this.id
          route_table_id = aws_route_table.empty.id
        }}""",
    ),
    "main table": (
        NO_TABLE,
        f"""resource "aws_main_route_table_association" "this" {{
          {WHEN}
          vpc_id = aws_vpc.this.id
          route_table_id = aws_route_table.this.id
        }}""",
    ),
    "default table": (
        NO_TABLE,
        f"""resource "aws_default_route_table" "this" {{
          {WHEN}
          default_route_table_id = aws_vpc.this.default_route_table_id
          route {{
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.this.id
          }}
        }}""",
    ),
    "gateway": (
        NETWORK
        + OUT.replace("aws_internet_gateway.this.id", "one(aws_internet_gateway.this[*].id)")
        + ASSOCIATED
        + GROUP
        + HOST,
        GATEWAY.replace("{", "{\n" + WHEN, 1),
    ),
    "gateway attachment": (
        NETWORK + 'resource "aws_internet_gateway" "this" {}' + OUT + ASSOCIATED + GROUP + HOST,
        f"""resource "aws_internet_gateway_attachment" "this" {{
          {WHEN}
          vpc_id = aws_vpc.this.id
          internet_gateway_id = aws_internet_gateway.this.id
        }}""",
    ),
    "acl": (
        ALL,
        f"""resource "aws_network_acl" "this" {{
          {WHEN}
          vpc_id = aws_vpc.this.id
          subnet_ids = [aws_subnet.this.id]
        }}""",
    ),
    "acl entry": (
        ALL,
        f"""resource "aws_network_acl" "this" {{
          vpc_id = aws_vpc.this.id
          subnet_ids = [aws_subnet.this.id]
        }}
        resource "aws_network_acl_rule" "out" {{
          network_acl_id = aws_network_acl.this.id
          egress = true
          rule_number = 1
          rule_action = "allow"
          protocol = "-1"
          cidr_block = "0.0.0.0/0"
        }}
        resource "aws_network_acl_rule" "in" {{
          {WHEN}
          network_acl_id = aws_network_acl.this.id
          rule_number = 1
          rule_action = "allow"
          protocol = "-1"
          cidr_block = "0.0.0.0/0"
        }}""",
    ),
    "acl denial": (
        ALL,
        f"""resource "aws_network_acl_rule" "no" {{
          {WHEN}
          network_acl_id = aws_vpc.this.default_network_acl_id
          rule_number = 1
          rule_action = "deny"
          protocol = "tcp"
          from_port = 22
          to_port = 22
          cidr_block = "0.0.0.0/0"
        }}""",
    ),
    "acl association": (
        ALL,
        f"""resource "aws_network_acl" "this" {{ vpc_id = aws_vpc.this.id }}
        resource "aws_network_acl_association" "this" {{
          {WHEN}
          network_acl_id = aws_network_acl.this.id
          subnet_id = aws_subnet.this.id
        }}""",
    ),
    "default acl": (
        ALL,
        f"""resource "aws_default_network_acl" "this" {{
          {WHEN}
          default_network_acl_id = aws_vpc.this.default_network_acl_id
        }}""",
    ),
    "default group": (
        NETWORK
        + OUT
        + ASSOCIATED
        + HOST.replace("aws_security_group.this.id", "aws_vpc.this.default_security_group_id"),
        f"""resource "aws_default_security_group" "this" {{
          {WHEN}
          vpc_id = aws_vpc.this.id
          ingress {{
            {SSH}
            cidr_blocks = ["0.0.0.0/0"]
          }}
          egress {{
            from_port = 0
            to_port = 0
            protocol = "-1"
            cidr_blocks = ["0.0.0.0/0"]
          }}
        }}""",
    ),
    "group": (
        NETWORK
        + OUT
        + ASSOCIATED
        + CLOSED
        + HOST.replace(".this.id]", ".this.id, one(aws_security_group.wide[*].id)]").replace(
            "= [aws_sec", "= [aws_sec"
        ),
        GROUP.replace('"this" {', '"wide" {\n' + WHEN),
    ),
    "group attachment": (
        CONNECTED + ASSOCIATED + CLOSED + HOST + GROUP.replace('"this" {', '"wide" {'),
        f"""resource "aws_network_interface_sg_attachment" "this" {{
          {WHEN}
          security_group_id = aws_security_group.wide.id
          network_interface_id = aws_instance.node.primary_network_interface_id
        }}""",
    ),
    "elastic address": (
        ALL.replace("map_public_ip_on_launch = true", ""),
        f"""resource "aws_eip" "this" {{
          {WHEN}
          instance = aws_instance.node.id
        }}""",
    ),
    "elastic association": (
        ALL.replace("map_public_ip_on_launch = true", "") + 'resource "aws_eip" "this" {}',
        f"""resource "aws_eip_association" "this" {{
          {WHEN}
          allocation_id = aws_eip.this.id
          instance_id = aws_instance.node.id
        }}""",
    ),
    "target": (ALL, HOST.replace('"node" {', '"other" {\n' + WHEN)),
    "interface": (
        ALL,
        f"""resource "aws_network_interface" "other" {{
          {WHEN}
          subnet_id = aws_subnet.this.id
          security_groups = [aws_security_group.this.id]
        }}""",
    ),
    "instance on an interface": (
        ALL
        + """resource "aws_network_interface" "kept" {
          subnet_id = aws_subnet.this.id
          security_groups = [aws_security_group.this.id]
        }""",
        f"""resource "aws_instance" "other" {{
          {WHEN}
          ami = "ami-1"
          instance_type = "t3.micro"
          tags = {{ "kubernetes.io/cluster/prod" = "owned" }}
          network_interface {{
            device_index = 0
            network_interface_id = aws_network_interface.kept.id
          }}
        }}""",
    ),
    "scaling group": (
        ALL
        + """resource "aws_launch_template" "this" {
          vpc_security_group_ids = [aws_security_group.this.id]
        }""",
        f"""resource "aws_autoscaling_group" "other" {{
          {WHEN}
          vpc_zone_identifier = [aws_subnet.this.id]
          max_size = 1
          min_size = 1
          launch_template {{ id = aws_launch_template.this.id }}
        }}""",
    ),
    "cluster and nodes": (
        ALL,
        f"""resource "aws_eks_cluster" "this" {{
          {WHEN}
          name = "prod"
          vpc_config {{ subnet_ids = [aws_subnet.this.id] }}
        }}
        resource "aws_eks_node_group" "named" {{
          cluster_name = "prod"
          subnet_ids = [aws_subnet.this.id]
        }}
        resource "aws_eks_node_group" "linked" {{
          {WHEN}
          cluster_name = aws_eks_cluster.this[0].name
          subnet_ids = [aws_subnet.this.id]
        }}""",
    ),
    "launch template": (
        ALL,
        f"""resource "aws_launch_template" "this" {{
          {WHEN}
          vpc_security_group_ids = [aws_security_group.this.id]
        }}
        resource "aws_eks_node_group" "other" {{
          cluster_name = "prod"
          subnet_ids = [aws_subnet.this.id]
          dynamic "launch_template" {{
            for_each = aws_launch_template.this
            content {{
              id = launch_template.value.id
              version = "1"
            }}
          }}
        }}""",
    ),
    "more addresses": (
        ALL,
        f"""resource "aws_vpc_ipv4_cidr_block_association" "this" {{
          {WHEN}
          vpc_id = aws_vpc.this.id
          cidr_block = "10.9.0.0/16"
        }}""",
    ),
    "subnet": (
        ALL,
        f"""resource "aws_subnet" "other" {{
          {WHEN}
          vpc_id = aws_vpc.this.id
          cidr_block = "10.0.9.0/24"
        }}
        resource "aws_network_acl" "shut" {{
          vpc_id = aws_vpc.this.id
          subnet_ids = aws_subnet.other[*].id
        }}""",
    ),
    "prefix list entry": (
        NETWORK
        + OUT
        + ASSOCIATED
        + HOST
        + """
        resource "aws_ec2_managed_prefix_list" "this" {
          name = "peers"
          address_family = "IPv4"
          max_entries = 5
        }
        """
        + CLOSED.replace(
            'cidr_blocks = ["203.0.113.7/32"]', "prefix_list_ids = [aws_ec2_managed_prefix_list.this.id]"
        ),
        f"""resource "aws_ec2_managed_prefix_list_entry" "this" {{
          {WHEN}
          cidr = "11.22.33.0/24"
          prefix_list_id = aws_ec2_managed_prefix_list.this.id
        }}""",
    ),
    "block public access": (
        ALL,
        f"""resource "aws_vpc_block_public_access_options" "this" {{
          {WHEN}
          internet_gateway_block_mode = "block-bidirectional"
        }}""",
    ),
    "exclusion": (
        ALL
        + """resource "aws_vpc_block_public_access_options" "this" {
          internet_gateway_block_mode = "block-bidirectional"
        }""",
        f"""resource "aws_vpc_block_public_access_exclusion" "this" {{
          {WHEN}
          vpc_id = aws_vpc.this.id
          internet_gateway_exclusion_mode = "allow-bidirectional"
        }}""",
    ),
}
"""What is there, and what ``var.x`` adds or takes away."""


DEFAULT = """resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  ingress {
    from_port = 22
    to_port = 22
    protocol = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
PERHAPS_NONE = "[for id in [aws_security_group.this.id] : id if var.x]"
CARRIED = CONNECTED + ASSOCIATED + CLOSED + DEFAULT

NO_GROUPS: dict[str, str] = {
    "instance": f"""resource "aws_instance" "this" {{
      ami = "ami-0a1b2c3d4e5f60718"
      instance_type = "t3.micro"
      subnet_id = aws_subnet.this.id
      associate_public_ip_address = true
      vpc_security_group_ids = {PERHAPS_NONE}
    }}""",
    "instance of a template": f"""resource "aws_launch_template" "this" {{
      image_id = "ami-0a1b2c3d4e5f60718"
      instance_type = "t3.micro"
      vpc_security_group_ids = {PERHAPS_NONE}
    }}
    resource "aws_instance" "this" {{
      subnet_id = aws_subnet.this.id
      associate_public_ip_address = true
      launch_template {{
        id = aws_launch_template.this.id
        version = "$Latest"
      }}
    }}""",
    "interface": f"""resource "aws_network_interface" "this" {{
      subnet_id = aws_subnet.this.id
      security_groups = {PERHAPS_NONE}
    }}
    resource "aws_eip" "this" {{
      network_interface = aws_network_interface.this.id
    }}""",
}
"""What takes the VPC's default group (DEFAULT) if no group is named, which the variable decides."""
