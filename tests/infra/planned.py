"""What Terraform plans for a city, read from `terraform test` against mocks; nothing is applied."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.infra.iam import Statement

INFRA = Path(__file__).parents[2] / "infra/terraform"
CITY = "examples/small-city"
_BESIDE = Path(__file__).parents[3] / "shared/tools/terraform-offline/tfcheck"


def tfcheck() -> Path:
    """Return the checker that has the provider's schemas: ``TFCHECK``, or beside the checkout."""
    return Path(os.environ.get("TFCHECK", _BESIDE))


@dataclass
class Planned:
    """Statements of each role and each bucket, who may take a role, all resources, settings."""

    roles: dict[str, list[Statement]] = field(default_factory=dict)
    buckets: dict[str, list[Statement]] = field(default_factory=dict)
    trust: dict[str, list[Statement]] = field(default_factory=dict)
    resources: list[dict[str, Any]] = field(default_factory=list)
    settings: str = ""

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """Return the planned values of all resources of a type, with their address."""
        return [
            {"address": one["address"], **one["change"]["after"]}
            for one in self.resources
            if one["type"] == kind
        ]


def _statements(policy: str) -> list[Statement]:
    found: list[Statement] = json.loads(policy)["Statement"]
    return found


def planned(root: Path = INFRA) -> Planned:
    """Run the tests of the example city; return what its plan has."""
    arguments = {"TF_CLI_ARGS_test": "-json -verbose", "NO_COLOR": "1"}
    done = subprocess.run(
        [tfcheck(), root, CITY],
        env={**os.environ, **arguments},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    plans = [line["test_plan"] for line in lines if line["type"] == "test_plan"]
    assert plans, done.stdout[-3000:] + done.stderr[-3000:]
    made = Planned(resources=plans[0]["resource_changes"])
    made.settings = plans[0]["output_changes"]["settings"]["after"]
    for one in made.of_type("aws_iam_role_policy"):
        if "-machinery-" in one["role"]:
            continue  # Airflow's own; they name nothing of the archive
        made.roles.setdefault(one["role"], []).extend(_statements(one["policy"]))
    for one in made.of_type("aws_s3_bucket_policy"):
        made.buckets[one["bucket"]] = _statements(one["policy"])
    for one in made.of_type("aws_iam_role"):
        made.trust[one["name"]] = _statements(one["assume_role_policy"])
    return made
