"""A small S3 store in this process that has, on request, the faults of stores that are not AWS."""

from dataops.testing.faulty_s3.faults import Fault
from dataops.testing.faulty_s3.server import FaultyS3

__all__ = ["Fault", "FaultyS3"]
