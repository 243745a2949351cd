"""Asks a package mirror what `pip install` would: imported by tests, and as text in a pod, `python -c <this file>`."""

import json
import os
import ssl
import urllib.error
import urllib.request

SECONDS = 10
# every mirror has it, and every image installs it
PROJECT = "pip"


def ask(index: str, trusted: ssl.SSLContext) -> tuple[str, str, str, str]:
    """Look a project up in an index.

    Args:
        index: Its address, as pip is given it.
        trusted: Whom to trust.

    Returns:
        The severity, what was found, the fix, and the name: the fields of a finding.
    """
    page = f"{index.rstrip('/')}/{PROJECT}/"
    try:
        with urllib.request.urlopen(page, timeout=SECONDS, context=trusted) as answer:
            text = answer.read().decode(errors="replace")
    except urllib.error.HTTPError as refusal:
        what = f"the package mirror answers {refusal.code} for {page}"
        return "error", what, "correct global.packages.index; pip's indexes often end in /simple", ""
    except OSError as failure:
        what = f"notebooks do not reach the package mirror {index} ({failure})"
        return "error", what, "correct global.packages.index, global.egress.packages or the firewall, or global.ca", ""
    if f"{PROJECT}-" not in text:
        return "error", f"{page} lists no package", "name an index that pip can read in global.packages.index", ""
    return "ok", f"notebooks reach the package mirror {index}", "", ""


if __name__ == "__main__":
    found = ask(os.environ["PIP_INDEX_URL"], ssl.create_default_context())  # which reads SSL_CERT_FILE
    print("RESULT " + json.dumps({"finding": found}))
