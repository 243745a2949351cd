"""Start-up of the kernel: binds the platform's names, and leaves nothing else behind."""

from dataops.notebook import activate

activate()
del activate
