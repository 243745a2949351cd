r"""Which regular expressions mean the same to both engines: Java's on Spark, RE2's on one machine."""

import re

# Left out is what differs: the point and $ about ends of lines, \s about one sign; and what only Java has.
_QUOTED = r"!-/:-@\[-`{-~"
_SIGN = rf"[^\\.$*+?{{}}\[\]()|]|\\[dDwWAz{_QUOTED}]"
_ONE_OF = rf"\[\^?(?:[^\\\[\]&^]|\\[dDwW{_QUOTED}])+\]"
_GROUP = r"\((?:\?:|(?!\?))|\)|\|"
_HOW_OFTEN = r"(?:[*+?]|\{\d+(?:,\d*)?\})\??(?![*+?{])"
_SAME = re.compile(f"(?:(?:{_SIGN}|{_ONE_OF}|{_GROUP})(?:{_HOW_OFTEN})?)*")


def is_same(pattern: str) -> bool:
    """Return whether a regular expression is made of what both engines read alike."""
    return _SAME.fullmatch(pattern) is not None
