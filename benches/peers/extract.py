"""NAME PAGES ROUNDS: runs a Python extractor over a file of pages, as tools/bench does with crates. `make bench-extract` starts it."""

import json
import sys
import time


def resiliparse(url, html):
    return extract_plain_text(html, main_content=True) or ""


def trafilatura_article(url, html):
    article = trafilatura.bare_extraction(html, url=url, with_metadata=True)
    return article.text or "" if article else ""


def memory_kib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))


name, file, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
if name == "resiliparse":
    from resiliparse.extract.html2text import extract_plain_text

    extract = resiliparse
elif name == "trafilatura":
    import trafilatura

    extract = trafilatura_article
else:
    sys.exit(f"no extractor of this name: {name}")

extract("https://paper.example.org/first", "<article><h1>First</h1><p>The council voted to build a bridge.</p></article>")
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")
held = memory_kib("VmRSS")
best = float("inf")
for _ in range(rounds):
    spent = pages = size = 0
    with open(file) as lines:
        for page in map(json.loads, lines):
            began = time.thread_time_ns()
            text = extract(page["url"], page["html"])
            spent += time.thread_time_ns() - began
            pages += 1
            size += len(text.encode(errors="replace"))
    best = min(best, spent)
rose = memory_kib("VmHWM") - held
print(json.dumps({"pages": pages, "bytes": size, "cpu_ms": best / 1e6, "rose_mib": rose / 1024}))
