"""`python -m dataops`, which the images call `dataops`."""

from dataops.commands import main

main()
