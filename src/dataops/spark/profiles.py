"""How large a session is: SPARK_PROFILE chooses driver and executors together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Memory of the driver; memory, overhead (Python workers), cores and number of executors; options of every JVM."""

    driver_memory: str
    executor_memory: str
    executor_overhead: str
    executor_cores: int
    max_executors: int
    java_options: str = "-XX:+UseSerialGC"


PROFILES = {
    # the quick compiler alone: a short session spends most of its time starting, a long one would be slower
    "small": Profile("768m", "512m", "512m", 1, 2, "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
    "medium": Profile("1536m", "1g", "768m", 1, 4),
    "large": Profile("3g", "2g", "1g", 2, 4),
}
