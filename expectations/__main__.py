"""The child process of a build: imports while other work goes on, then answers requests, one JSON line each, until its input ends.

``{"rows": "files.json"}`` (a list of AcceptedFile) or ``{"figures": "figures.parquet"}`` → a Report as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    """Serve standard input to standard output; what libraries print goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    import great_expectations  # noqa: F401  (the slow part, before the first request comes)

    from expectations.report import AcceptedFile
    from expectations.validate import validate, validate_figures

    for line in sys.stdin:
        request = json.loads(line)
        if "figures" in request:
            report = validate_figures(request["figures"])
        else:
            listed = json.loads(Path(request["rows"]).read_text(encoding="utf-8"))
            report = validate([AcceptedFile(**{**file, "sheets": tuple(file["sheets"])}) for file in listed])
        answers.write(json.dumps(report.as_json(), ensure_ascii=False, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
