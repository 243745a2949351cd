"""What the goals are measured with: one module per `make bench-<what>`; each prints a table and writes a report."""
