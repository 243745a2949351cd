"""Start-up of the kernel: binds the platform's names, and leaves nothing else behind."""

import sys

# files beside a notebook are found, but last: one called pandas.py must not take the place of pandas
sys.path.sort(key=lambda entry: entry == "")

from dataops.notebook import activate  # noqa: E402  # found only now

activate()
del activate, sys
