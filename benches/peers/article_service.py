"""The same job as `copydesk run` by the libraries that a Python team would take: trafilatura for the article, datasketch for
near-duplicates, confluent-kafka in transactions. `make bench-e2e` starts one process a core.

It does less than copydesk: its index is in memory, holds the partitions of one process only, and is lost with it; there are no
revisions and no dead letters.
"""

import argparse
import hashlib
import json
import sys

import trafilatura
from confluent_kafka import Consumer, Producer, TopicPartition
from datasketch import MinHash, MinHashLSH

PERMUTATIONS = 128
SHINGLE_WORDS = 5
THRESHOLD = 0.8
BATCH = 100


class Duplicates:
    """Exact texts, then near ones."""

    def __init__(self):
        self.texts = {}
        self.near = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)

    def original(self, key, text):
        """Key of the article that this is a copy of, or None for a new one, which is remembered."""
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if digest in self.texts:
            return self.texts[digest]
        words = text.lower().split()
        shingles = {" ".join(words[at : at + SHINGLE_WORDS]).encode() for at in range(max(1, len(words) - SHINGLE_WORDS + 1))}
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch(shingles)
        found = self.near.query(sketch)
        if not found:
            self.near.insert(key, sketch)
        self.texts[digest] = found[0] if found else key
        return found[0] if found else None


def record(message, page, article):
    """What is published, close to copydesk's record."""
    return {
        "url": page.get("url"),
        "title": article.title,
        "body": article.text,
        "authors": article.author,
        "published_at": article.date,
        "language": article.language,
        "site_name": article.sitename,
        "source": {"topic": message.topic(), "partition": message.partition(), "offset": message.offset()},
    }


def main():
    arguments = argparse.ArgumentParser()
    for name in ("bootstrap", "group", "input", "records"):
        arguments.add_argument(f"--{name}", required=True)
    arguments.add_argument("--partitions", required=True, help="numbers, separated by commas")
    arguments = arguments.parse_args()

    consumer = Consumer(
        {
            "bootstrap.servers": arguments.bootstrap,
            "group.id": arguments.group,
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": arguments.bootstrap,
            "transactional.id": f"{arguments.group}-{arguments.partitions}",
            "compression.type": "lz4",
            "linger.ms": 2,
        }
    )
    producer.init_transactions()
    duplicates = Duplicates()
    print("ready", file=sys.stderr, flush=True)
    sys.stdin.read()  # Until the bench lets go of the other end.
    consumer.assign([TopicPartition(arguments.input, int(number), 0) for number in arguments.partitions.split(",")])
    while True:
        messages = consumer.consume(BATCH, timeout=0.1)
        if not messages:
            continue
        producer.begin_transaction()
        positions = {}
        for message in messages:
            if message.error():
                raise SystemExit(str(message.error()))
            positions[message.partition()] = TopicPartition(message.topic(), message.partition(), message.offset() + 1)
            page = json.loads(message.value())
            article = trafilatura.bare_extraction(page["html"], url=page["url"], with_metadata=True)
            if article is None or not article.text:
                continue
            key = f"{message.partition()}@{message.offset()}"
            if duplicates.original(key, article.text) is None:
                value = json.dumps(record(message, page, article), ensure_ascii=False)
                producer.produce(arguments.records, key=key, value=value.encode())
                producer.poll(0)
        producer.send_offsets_to_transaction(list(positions.values()), consumer.consumer_group_metadata())
        producer.commit_transaction()


main()
