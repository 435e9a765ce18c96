"""Time reading and evaluating a folder of more than 10,000 lines in 30 modules, written for the purpose.

    python -m benchmarks.configuration [RUNS]

Prints the medians of reading with making the instances, and of working out the estate.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from eks_checks import analysis

MODULES = 30
SUBNETS = 20
"""Subnets, and as many security groups, of one module."""
HEAD = """variable "cidr" {
  type = string
}
variable "azs" {
  type = list(string)
}
variable "tags" {
  type    = map(string)
  default = {}
}
locals {
  tags = merge(var.tags, { module = "this" })
}
resource "aws_vpc" "this" {
  cidr_block = var.cidr
  tags       = local.tags
}
"""
PART = """resource "aws_subnet" "s@" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 8, @)
  availability_zone = element(var.azs, @)
  tags              = merge(local.tags, { Name = "s@" })
}
resource "aws_security_group" "g@" {
  vpc_id = aws_vpc.this.id
  dynamic "ingress" {
    for_each = [22, 443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = [var.cidr]
    }
  }
}
"""
CALL = """module "m@" {
  source = "./m@"
  cidr   = "10.@.0.0/16"
  azs    = ["a", "b"]
}
"""


def main(runs: int = 5) -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        lines = sum(text.count("\n") for text in _write(Path(folder)))
        times = [_seconds(folder) for _ in range(runs + 1)][1:]
    read, estate = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{lines} lines in {MODULES} modules, {runs} runs")
    print(f"  reading and making instances  {read:6.3f} s")
    print(f"  evaluating into the estate    {estate:6.3f} s")
    return 0


def _write(folder: Path) -> Iterator[str]:
    texts = {
        f"m{n}": HEAD + "".join(PART.replace("@", str(i)) for i in range(SUBNETS)) for n in range(MODULES)
    }
    texts["."] = "".join(CALL.replace("@", str(n)) for n in range(MODULES))
    for name, text in texts.items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "main.tf").write_text(text, encoding="utf-8")
        yield text


def _seconds(folder: str) -> tuple[float, float]:
    gc.collect()
    gc.set_threshold(100_000)  # as the command does
    start = time.perf_counter()
    inputs = analysis.load([folder])
    loaded = time.perf_counter()
    _ = inputs.estate
    return loaded - start, time.perf_counter() - loaded


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
