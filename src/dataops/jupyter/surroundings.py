"""What terminals and kernels find in their environment beside what the server itself was given."""

import os
from pathlib import Path

# `store` keeps tokens in ~/.git-credentials, which only their owner may read; `cache` forgets them with the server.
GIT = """\
[credential]
\thelper = store
[user]
\tname = {user}
"""


def open_user_site() -> None:
    """Show terminals and kernels what `pip install --user` brings, behind the image's own; the server never sees it."""
    os.environ.pop("PYTHONNOUSERSITE", None)
    os.environ["PATH"] = f"{os.environ['PATH']}{os.pathsep}{Path.home() / '.local' / 'bin'}"


def idle_seconds() -> int | None:
    """Return how long nobody may use the server; None where the place does not say."""
    return int(os.environ["SERVER_IDLE_SECONDS"]) if "SERVER_IDLE_SECONDS" in os.environ else None


def prepare_git(path: Path) -> None:
    """Let git know who one is and where tokens are kept, as its settings of lowest rank: those of a home come first.

    The address of mail is in EMAIL, the CA in GIT_SSL_CAINFO; git reads both by itself.

    Args:
        path: Where to write the settings.
    """
    if not (user := os.environ.get("JUPYTERHUB_USER")):
        return  # no hub, nobody has logged in
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(GIT.format(user=user), encoding="utf-8")
    os.environ["GIT_CONFIG_SYSTEM"] = str(path)
