"""The null upgrade: one list of requirements, two fresh environments, and no transition at all, time after time.

    python benchmarks/null_upgrade.py FOLDER "torch==2.13.0 jax==0.10.2 optax==0.2.8" -- --profile smoke --mode all

makes both environments in FOLDER, each for itself, and compares them ten times with `conformance upgrade` and the
options after `--`. Ends with status 1 where one comparison shows anything but `same`: a check whose bits vary by
themselves, which is a finding.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from conformance.environments import EnvironmentSpec, make, parse


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("requirements", help="as --from takes them")
    parser.add_argument("--python", default="", help="as `upgrade --python` takes it")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("options", nargs="*", help="options of `conformance upgrade`, after --")
    given = parser.parse_args()
    wanted = parse([given.requirements], "requirements").requirements
    programs = []
    for side in ("old", "new"):
        spec = EnvironmentSpec(side, requirements=wanted, python=given.python)
        programs.append(make([spec], cache=given.folder / f"{side}-environments", say=print)[0].program)
    varying: Counter[str] = Counter()
    for number in range(1, given.times + 1):
        output = given.folder / f"{number}"
        command = [
            sys.executable, "-m", "conformance", "upgrade", "--json", "--from", programs[0], "--to", programs[1],
            "-o", str(output), *given.options,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not done.stdout:
            print(done.stderr, file=sys.stderr)
            return done.returncode or 3
        said = json.loads(done.stdout)
        counts = {kind: count for kind, count in said["counts"].items() if count}
        print(f"{number}: status {done.returncode}: {counts}", *said["problems"], flush=True)
        varying.update(check["id"] for cause in said["causes"] for check in cause["checks"])
    for check, count in varying.most_common():
        print(f"  {count} of {given.times}: {check}")
    return int(bool(varying))


if __name__ == "__main__":
    sys.exit(main())
