"""The library against real PostgreSQL and S3 in containers of our own images."""
