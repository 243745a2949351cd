"""The `dataops` command."""

import sys

from dataops.errors import UserError


def main() -> None:
    """Run the command line; what the user can put right is one sentence and exit code 1."""
    from dataops.cli.app import app

    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:  # the client of Kubernetes has many; importing it for each command would be slow
        from dataops.platform.kube import explain

        reason = explain(error)
        if reason is None:
            raise
        print(f"error: the cluster refuses or is gone ({reason}); then run the same command again", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("error: stopped by you; run the same command again to go on", file=sys.stderr)
        sys.exit(130)
