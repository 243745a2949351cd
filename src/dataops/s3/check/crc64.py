"""CRC-64/NVME, the checksum that Polars sends with its uploads; Python's own library has none of 64 bits."""

_POLYNOMIAL = 0x9A6C9329AC4BC9B5
_ALL = 2**64 - 1


def _entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
    return value


_TABLE = [_entry(byte) for byte in range(256)]


def crc64nvme(data: bytes) -> bytes:
    """The checksum as S3 sends it, before base64."""
    value = _ALL
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ (value >> 8)
    return (value ^ _ALL).to_bytes(8, "big")
