"""FILE PAGES: reads the first pages of a WARC file with warcio and extracts them with trafilatura. `make bench-crawl` starts it."""

import json
import resource
import sys
import time

import trafilatura
from warcio.archiveiterator import ArchiveIterator

file, most = sys.argv[1], int(sys.argv[2])
trafilatura.bare_extraction("<article><h1>First</h1><p>The council voted to build a bridge.</p></article>")
pages = 0
began = time.monotonic()
with open(file, "rb") as stream:
    for record in ArchiveIterator(stream):
        if record.rec_type != "response" or "html" not in record.http_headers.get_header("Content-Type", ""):
            continue
        url = record.rec_headers.get_header("WARC-Target-URI")
        article = trafilatura.bare_extraction(record.content_stream().read(), url=url, with_metadata=True)
        assert article and article.text, url
        pages += 1
        if pages == most:
            break
print(
    json.dumps(
        {
            "pages": pages,
            "wall_s": time.monotonic() - began,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
