"""Command line: `python -m cluster up|down|purge|status|load|images`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cluster.providers import PROVIDERS, this_machine
from dataops.errors import UserError


def main() -> int:
    """Run the verb that was typed and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cluster", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="bring the cluster up or heal it")
    verbs.add_parser("down", help="take it away")
    verbs.add_parser("purge", help="take it away together with its caches")
    verbs.add_parser("status", help="show it; the exit code tells whether all of it runs")
    load = verbs.add_parser("load", help="bring images into it")
    load.add_argument("archive", type=Path, help="what `docker save` writes, or a folder with an OCI layout")
    load.add_argument("names", nargs="*", help="the images of the layout that are wanted")
    verbs.add_parser("images", help="list the images it has")
    arguments = parser.parse_args()
    try:
        name = this_machine()
        print(f"Cluster: {name} (CLUSTER= {' | '.join(PROVIDERS)} chooses)", file=sys.stderr)
        provider = PROVIDERS[name]
        provider.check()
        if arguments.verb == "load":
            provider.load(arguments.archive, arguments.names)
        elif arguments.verb == "images":
            print("\n".join(sorted(provider.images())))
        elif arguments.verb == "status":
            return 0 if provider.status() else 1
        else:
            getattr(provider, arguments.verb)()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
