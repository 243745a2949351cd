"""What terminals and kernels find in their environment beside what the server itself was given."""

import os
from pathlib import Path


def open_user_site() -> None:
    """Show terminals and kernels what `pip install --user` brings, behind the image's own; the server never sees it."""
    os.environ.pop("PYTHONNOUSERSITE", None)
    os.environ["PATH"] = f"{os.environ['PATH']}{os.pathsep}{Path.home() / '.local' / 'bin'}"
