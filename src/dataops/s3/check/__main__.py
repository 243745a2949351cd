"""`python -m dataops.s3.check`: the check where it is run, such as in a pod; one JSON document on standard output."""

import json
import signal
import sys
from typing import NoReturn

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3.check.masked import masked
from dataops.s3.check.run import check


def main() -> NoReturn:
    """Check the store that the environment names, and say on standard error what is tried."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the clean-up of a pod that is deleted
    try:
        settings = Settings.load()
        report = check(settings, progress=lambda title: print(f"S3: {title}", file=sys.stderr, flush=True))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    print("RESULT " + json.dumps(masked(settings, report.document())))
    sys.exit(0)


if __name__ == "__main__":
    main()
