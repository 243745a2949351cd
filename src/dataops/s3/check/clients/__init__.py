"""The platform's own clients, a file for each: TITLE, the module it NEEDS, WHERE that is installed, and `probe`."""
