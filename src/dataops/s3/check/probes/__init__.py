"""What is tried, a file for each matter; each has a TITLE, its place in the ORDER, and a function `probe`."""
