"""What a platform engineer runs: tools, images, secrets, the guard, deploy and smoke."""
