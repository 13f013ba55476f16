"""NAME STREAM NATURAL: runs a Python index of near-duplicates over two files of texts (one JSON string a line), and prints what
each text was taken for a copy of, what the stream took, and how far memory rose. `make bench-dedup` starts it."""

import json
import sys
import time
import unicodedata

SIMILARITY = 0.7
PERMUTATIONS = 128


def words(text):
    """Shingles of 5 words."""
    found = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    return [" ".join(found[at : at + 5]) for at in range(max(1, len(found) - 4))]


def characters(text):
    """Shingles of 5 characters of a normalised text."""
    folded = unicodedata.normalize("NFKC", text).lower()
    found = " ".join("".join(c if c.isalnum() else " " for c in folded).split())
    return [found[at : at + 5] for at in range(max(1, len(found) - 4))]


class Datasketch:
    def __init__(self):
        from datasketch import MinHash, MinHashLSH

        self.minhash = MinHash
        self.index = MinHashLSH(threshold=SIMILARITY, num_perm=PERMUTATIONS)

    def sketch(self, text):
        sketch = self.minhash(num_perm=PERMUTATIONS)
        sketch.update_batch([shingle.encode() for shingle in words(text)])
        return sketch


class Rensa:
    def __init__(self):
        from rensa import RMinHash, RMinHashLSH

        self.minhash = RMinHash
        self.index = RMinHashLSH(SIMILARITY, PERMUTATIONS, 32)

    def sketch(self, text):
        sketch = self.minhash(PERMUTATIONS, 42)
        sketch.update(characters(text))
        return sketch


def originals(peer, texts):
    """For each text the most similar earlier one."""
    sketches, found = [], []
    for number, text in enumerate(texts):
        sketch = peer.sketch(text)
        alike = ((sketch.jaccard(sketches[other]), -other) for other in peer.index.query(sketch))
        similarity, other = max(alike, default=(0.0, 0))
        found.append(-other if similarity >= SIMILARITY else None)
        peer.index.insert(number, sketch)
        sketches.append(sketch)
    return found, sketches


def memory_kib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))


peers = {"datasketch": Datasketch, "rensa": Rensa}
if sys.argv[1] not in peers:
    sys.exit(f"no index of this name: {sys.argv[1]}")
stream, natural = ([json.loads(line) for line in open(file)] for file in sys.argv[2:4])
peer = peers[sys.argv[1]]()
peer.sketch(natural[0])
held = memory_kib("VmRSS")
began = time.thread_time_ns()
of_stream, sketches = originals(peer, stream)
took = time.thread_time_ns() - began
rose = memory_kib("VmRSS") - held
of_natural, _ = originals(peers[sys.argv[1]](), natural)
print(
    json.dumps(
        {"records": len(stream), "cpu_ms": took / 1e6, "rose_bytes": rose * 1024, "stream": of_stream, "natural": of_natural}
    )
)
