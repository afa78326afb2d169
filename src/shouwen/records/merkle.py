"""The Merkle tree hash of RFC 6962 §2.1, taken over leaves as they stream by."""

import hashlib


def leaf_hash(form: bytes) -> bytes:
    """The hash of one leaf; the prefix keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + form).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Takes leaves in order and gives the root; holds one hash for each level only."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[tuple[int, bytes]] = []

    def add(self, form: bytes) -> None:
        """Take in the next leaf, given by its canonical bytes."""
        self.size += 1
        height, current = 0, leaf_hash(form)
        while self._levels and self._levels[-1][0] == height:
            current = node_hash(self._levels.pop()[1], current)
            height += 1
        self._levels.append((height, current))

    def root(self) -> bytes:
        """The root over the leaves taken so far; of none, the hash of nothing."""
        if not self._levels:
            return hashlib.sha256(b"").digest()
        current = self._levels[-1][1]
        for _, left in reversed(self._levels[:-1]):
            current = node_hash(left, current)
        return current
