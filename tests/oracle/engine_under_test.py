"""The tool as its user meets it: a plan file in, the contract's JSON out."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from eks_checks import analysis
from eks_checks.reach.engine import Question
from eks_checks.render import json as as_json


def reach(plan: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """What `eks-checks reach --format json` says of the plan; `asked` are fields of the Question."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        report = analysis.reach(analysis.load([str(path)]), Question(**asked))
    document: dict[str, Any] = json.loads(as_json.reach(report))
    return document
