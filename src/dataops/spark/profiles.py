"""How large a session is: SPARK_PROFILE chooses driver and executors together, and what follows from their memory."""

from dataclasses import dataclass

MIB, GIB = 1 << 20, 1 << 30
_RESERVED = 300 * MIB  # of each heap, by Spark itself
_BLOCKS = 5  # of an output stream in memory: those on their way, and the one being filled
UPLOADS = _BLOCKS - 1


@dataclass(frozen=True)
class Profile:
    """Memory of the driver; memory, overhead (Python workers), cores and number of executors; options of every JVM."""

    driver_memory: str
    executor_memory: str
    executor_overhead: str
    executor_cores: int
    max_executors: int
    input_bytes: int
    """Up to how much input the size is meant for."""
    java_options: str = "-XX:+UseSerialGC"

    @property
    def partition_bytes(self) -> int:
        """How large a partition of a shuffle is wanted: sorted and unpacked, it fits into what one task may hold."""
        share = (mebibytes(self.executor_memory) * MIB - _RESERVED) * 6 // 10 // self.executor_cores
        return _power_of_two(share // 3)

    @property
    def partitions(self) -> int:
        """Into how many parts a shuffle goes at first, before adaptive execution merges small ones."""
        return max(8, self.input_bytes // self.partition_bytes)

    @property
    def upload_bytes(self) -> int:
        """How large a part of an upload is: those of every task lie outside the heap, in a quarter of what is there."""
        return _power_of_two(mebibytes(self.executor_overhead) * MIB // 4 // self.executor_cores // _BLOCKS)


def mebibytes(amount: str) -> int:
    """Return an amount as Spark writes it, such as 512m or 2g, in MiB."""
    return int(amount[:-1]) * {"m": 1, "g": 1024}[amount[-1]]


def _power_of_two(most: int) -> int:
    return 1 << (most.bit_length() - 1)


PROFILES = {
    # the quick compiler alone: a short session spends most of its time starting, a long one would be slower
    "small": Profile("768m", "512m", "512m", 1, 2, GIB, "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
    "medium": Profile("1536m", "1g", "768m", 1, 4, 10 * GIB),
    "large": Profile("3g", "2g", "1g", 2, 4, 100 * GIB),
}
