"""Fixtures for tests of jobs: put `pytest_plugins = ["dataops.testing.fixtures"]` into a conftest.py."""
