"""Run `match` with some arguments, and print the most memory that the process has had, in MB.

python benchmarks/peak_memory.py screen cohort.parquet --out verdicts.parquet

What its parent had counts in `getrusage`, and does not here.
"""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cli


def main() -> None:
    """Run the command, and print the memory alone."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        code = cli.main()
    assert code == 0, code
    status = Path("/proc/self/status").read_text()
    print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)


if __name__ == "__main__":
    main()
