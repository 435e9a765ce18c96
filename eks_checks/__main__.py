"""``python -m eks_checks`` is the command ``eks-checks``."""

import sys

from eks_checks.cli import main

sys.exit(main())
