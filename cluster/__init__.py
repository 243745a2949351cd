"""A Kubernetes on this machine for those who have none."""
