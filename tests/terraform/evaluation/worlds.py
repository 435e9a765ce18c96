"""Small folders of sources, written out as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eks_checks import analysis
from eks_checks.terraform.evaluation.given import Given

NETWORK = """
variable "x" { type = bool }

resource "aws_vpc" "this" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "this" {
  vpc_id                  = aws_vpc.this.id
  cidr_block              = "10.0.1.0/24"
  map_public_ip_on_launch = true
}
resource "aws_route_table" "this" { vpc_id = aws_vpc.this.id }
"""
GATEWAY = """
resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}
"""
OUT = """
resource "aws_route" "out" {
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}
"""
ASSOCIATED = """
resource "aws_route_table_association" "this" {
  subnet_id      = aws_subnet.this.id
  route_table_id = aws_route_table.this.id
}
"""
GROUP = """
resource "aws_security_group" "this" {
  vpc_id = aws_vpc.this.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
HOST = """
resource "aws_instance" "node" {
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.this.id
  vpc_security_group_ids = [aws_security_group.this.id]
}
"""


def folder(at: Path, sources: str | Mapping[str, str], *options: str) -> analysis.Inputs:
    """The inputs made of these sources (file to text), with variables set by ``K=V``."""
    files = {"main.tf": sources} if isinstance(sources, str) else sources
    for name, text in files.items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_text(text)
    return analysis.load([str(at)], given=Given(options=options))
