"""Batch jobs: each public module here is one job, run as `python -m jobs.<name> --load YYYY-MM-DD`."""
