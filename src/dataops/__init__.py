"""The platform's library: settings, S3, Spark sessions, tables and the `dataops` command."""
