"""Start-up of the kernel: binds the platform's names, and leaves nothing else behind."""

from IPython import get_ipython

from dataops.notebook import activate

activate(get_ipython())
del activate, get_ipython
