"""Spark sessions of the whole platform, as whoever runs it sees them."""
