"""What the store says: answers, errors and their XML."""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass
class Answer:
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """What the store does not do, with the code and the words of S3."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message or code

    def answer(self) -> Answer:
        """The same as S3 says it."""
        return xml(tag("Error", tag("Code", self.code) + tag("Message", self.message)), self.status)


def tag(name: str, content: object) -> str:
    """An element; text is escaped, elements made by this function are not."""
    inner = content if isinstance(content, Element) else escape(str(content))
    return Element(f"<{name}>{inner}</{name}>")


class Element(str):
    """Text that is XML already."""

    def __add__(self, other: str) -> "Element":
        return Element(str(self) + other)


def elements(parts: list[str]) -> Element:
    """Several elements in a row."""
    return Element("".join(parts))


def xml(root: str, status: int = 200) -> Answer:
    """An answer of one document, whose root gets S3's namespace."""
    name, rest = root[1:].split(">", 1)
    space = f' xmlns="{NAMESPACE}"' if name != "Error" else ""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{space}>{rest}'
    return Answer(status, text.encode(), {"Content-Type": "application/xml"})
