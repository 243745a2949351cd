"""What is done to a store, and to which of its objects: those whose names hold the fault's."""

from tests.faulty_proxy import Rule, blackhole, cut, cut_after, delay, share, slow, status, truncate

SLOW = "slow"
SEED = 42  # of chances that come true at the second request, so that who sends few meets them, too
FAULTS = ("busy", "ill", "reset", "late", SLOW, "blackhole", "truncated")


def rules(client: str) -> list[Rule]:
    """The seven faults for the objects of a client, such as silver/<client>_reset/...

    A connection is reset before the store hears of a request, or instead of its answer.
    """
    made = {
        "busy": [Rule(status(503), when=share(0.1, SEED))],
        "ill": [Rule(status(500, "InternalError"), when=share(0.05, SEED))],
        "reset": [Rule(cut, when=share(0.1, SEED)), Rule(cut_after, when=share(0.1, SEED + 1))],
        "late": [Rule(delay(2))],
        SLOW: [Rule(slow(64_000))],
        "blackhole": [Rule(blackhole(30), when=lambda number: number >= 3)],
        "truncated": [Rule(truncate(100), method="GET", when=lambda number: number % 3 == 1)],
    }
    for fault, some in made.items():
        for rule in some:
            rule.path = name(client, fault)
    return [rule for some in made.values() for rule in some]


def name(client: str, fault: str) -> str:
    """What the objects of a client that meet a fault are called."""
    return f"{client}_{fault}"
