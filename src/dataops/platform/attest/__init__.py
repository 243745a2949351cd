"""What is known about an image for sure: the list of what it holds, where it comes from, and who says so."""
