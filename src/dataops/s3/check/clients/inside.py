"""One client in this process: settings come on standard input, never as arguments; findings go out as JSON."""

import importlib
import json
import sys
from dataclasses import asdict

from dataops.config import Settings, export
from dataops.s3.check import clients


def main() -> None:
    """Become a pod with the given settings, try the client that is named, and print what it found."""
    given = json.load(sys.stdin)
    export(**given["settings"])
    settings = Settings.load()
    # what native clients read, as charts/platform/files/env.yaml has it
    export(AWS_REQUEST_CHECKSUM_CALCULATION="when_required", AWS_RESPONSE_CHECKSUM_VALIDATION="when_required")
    if settings.dataops_ca_bundle:
        bundle = str(settings.dataops_ca_bundle)
        export(SSL_CERT_FILE=bundle, AWS_CA_BUNDLE=bundle, REQUESTS_CA_BUNDLE=bundle)
    module = importlib.import_module(f"{clients.__name__}.{sys.argv[1]}")
    print(json.dumps([asdict(one) for one in module.probe(settings, given["folder"])]))


if __name__ == "__main__":
    main()
