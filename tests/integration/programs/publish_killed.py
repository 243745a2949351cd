"""Kills drivers at one step of a publication after the other, and executors; the same run once more repairs it.

Prints one JSON line for each kill: where it was, and whether readers then saw the old version or the new one.
"""

import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable

from dataops.tables import read_pandas
from tests.faulty_proxy import Exchange, Fault, Rule, cut, cut_after, nth, pass_on
from tests.integration.programs.driver import KILLED, LONG, ROWS, Driver
from tests.integration.programs.faults import Faults, between

DATA, METADATA = "/silver/killed/data/", "/silver/killed/metadata/"
EXECUTOR = "CoarseGrainedExecutorBackend"
FAR = 1_000_000
STATEMENTS = 4  # kills at messages to the catalog that a seed chooses
Arm = Callable[[Faults, Callable[[], None]], None]


def at(fault: Fault, method: str, path: str, when: Callable[[int], bool]) -> Arm:
    """Kill at a request to the store, which is lost with the process or just done."""

    def arm(faults: Faults, kill: Callable[[], None]) -> None:
        def fatal(exchange: Exchange) -> None:
            kill()
            fault(exchange)

        faults.store.rules[:] = [Rule(fatal, method=method, path=path, when=when)]

    return arm


def at_message(number: int, when: str) -> Arm:
    """Kill at a message to the catalog."""

    def arm(faults: Faults, kill: Callable[[], None]) -> None:
        faults.catalog.arm(number, when, "once")
        faults.catalog.then = kill

    return arm


def moments(faults: Faults, publish: Callable[[], None]) -> dict[str, Arm]:
    """Where to kill: steps of a publication that is left alone, named or chosen by a seed."""
    faults.catalog.arm(FAR, "before", "once")
    before = len(faults.store.seen)
    publish()
    messages = faults.catalog.seen
    seen = [f"{one.method} {one.path}" for one in faults.store.seen[before:]]
    commits = sum(one.startswith("PUT") and METADATA in one and one.endswith(".metadata.json") for one in seen)
    print(f"# {len(seen)} requests, {commits} commits, {messages} messages to the catalog", flush=True)
    chosen = sorted(random.Random(7).sample(range(1, messages), STATEMENTS))
    return {
        "while a file is uploaded in parts": at(cut, "PUT", f"{DATA}.*partNumber=2", nth(1)),
        "before a file is complete": at(cut, "POST", f"{DATA}.*uploadId=", nth(1)),
        "before the rows are committed to the branch": at(cut, "PUT", rf"{METADATA}snap-", nth(1)),
        "during the audit": at(cut, "GET", rf"{DATA}.*\.parquet", nth(1)),
        "before main is forwarded": at(cut_after, "PUT", rf"{METADATA}.*\.metadata\.json", nth(commits)),
        **{f"before message {number}": at_message(number, "before") for number in chosen[::2]},
        **{f"after message {number}": at_message(number, "after") for number in chosen[1::2]},
        "after the last message": at_message(messages, "after"),
    }


def state() -> dict[tuple[int, int], int]:
    """How many rows of which month and version readers see."""
    found = read_pandas(KILLED.name, ["month", "version"])
    return dict(Counter(zip(found["month"], found["version"], strict=True)))


def kill_drivers(faults: Faults) -> Driver:
    """Kill a driver at each moment, and let the next one do the same run; return one that lives."""
    driver = Driver()
    driver.publish(1, 0)
    driver.publish(2, 0, LONG)
    for version, (where, arm) in enumerate(moments(faults, lambda: driver.publish(2, 1, LONG)).items(), 2):
        following = Driver()
        following.publish(1, version)  # it is ready
        before = state()
        arm(faults, driver.kill)
        driver.tell(2, version, LONG)
        told = driver.answer()
        faults.disarm()
        assert told is None, f"{where}: it was not killed, but said {told}"
        seen = state()
        driver = following
        driver.publish(2, version, LONG)
        after = state()
        assert after == {(1, version): ROWS, (2, version): ROWS}, f"{where}: {after}"
        assert seen in (before, after), f"{where}: {before}, then {seen}, then {after}"
        print(json.dumps({"killed": where, "seen": "new" if seen == after else "old"}), flush=True)
    return driver


def backfill_at_once(faults: Faults, one: Driver) -> None:
    """Publish from two drivers at once: different months, the same month, and one of them is killed."""
    other = Driver()
    other.publish(3, 1)
    for months in ((3, 4), (3, 3)):
        one.tell(months[0], 10, LONG)
        other.tell(months[1], 11, LONG)
        answers = [driver.answer() for driver in (one, other)]
        assert all(answers), answers
        found = state()
        assert all(found.get((month, 10), 0) + found.get((month, 11), 0) == ROWS for month in months), found
    at(cut, "PUT", f"{DATA}month(=|%3D)5.*partNumber=2", nth(1))(faults, other.kill)
    other.tell(5, 12, LONG)
    one.publish(4, 12, LONG)
    assert other.answer() is None
    faults.disarm()
    one.publish(5, 12, LONG)
    assert {month: count for (month, version), count in state().items() if version == 12} == {4: ROWS, 5: ROWS}
    one.kill()
    print("both sides landed", flush=True)


def kill_executor(faults: Faults) -> None:
    """Kill the executor that uploads a file; Spark tries the task again on the next one, and the job succeeds."""
    driver = Driver("local-cluster[1,1,1024]")
    driver.publish(6, 1)
    (first,) = driver.children(EXECUTOR)
    at(pass_on, "PUT", f"{DATA}month(=|%3D)6.*partNumber=2", nth(1))(faults, lambda: os.kill(first, signal.SIGKILL))
    driver.publish(6, 2, LONG)
    (second,) = driver.children(EXECUTOR)
    assert first != second and any(rule.happened for rule in faults.store.rules)
    faults.disarm()
    driver.kill()
    print("another executor did it", flush=True)


def main() -> None:
    """Kill drivers and executors, while others publish as well."""
    with between() as faults:
        backfill_at_once(faults, kill_drivers(faults))
        kill_executor(faults)


if __name__ == "__main__":
    main()
