# copydesk: `make demo` shows it, `make test` proves it. Both install what they need first (deploy/setup.sh).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CARGO ?= cargo
export CARGO
KAFKA := deploy/kafka-local.sh
say := @printf '\n==> %s\n'

# Real pages for the corpus tests, where a checkout of them lies beside this one. Without them those tests
# say that they did not run.
ifneq ($(wildcard ../shared/corpus),)
export COPYDESK_CORPUS ?= $(abspath ../shared/corpus)
endif

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what the other targets need and this machine lacks
	$(say) "Looking for what building and testing need"
	@deploy/setup.sh test

.PHONY: setup-build
setup-build:
	$(say) "Looking for what building needs"
	@deploy/setup.sh build

.PHONY: build
build: setup-build ## Build target/release/copydesk
	$(say) "Building copydesk, optimised"
	$(CARGO) build --release --locked

.PHONY: demo
demo: setup-build ## Run the service over a folder of example payloads; needs no broker and ends by itself
	$(say) "Building copydesk, optimised"
	@$(CARGO) build --release --locked
	$(say) "copydesk demo: an embedded broker, the payloads of deploy/demo, and what becomes of them"
	@$(CARGO) run --release --locked --quiet -- demo $(DEMO_ARGS)

# Where the property tests begin: the same cases each time, so that a change breaks the tests and chance does not. Another
# number, and PROPTEST_CASES, look further.
PROPTEST_RNG_SEED ?= 1

.PHONY: test
test: setup lint ## Check and test everything, also against a real Kafka
	$(say) "Fetching Apache Kafka for the broker tests, which start it on loopback"
	@$(KAFKA) fetch
	$(say) "Testing the examples in the documentation"
	@$(CARGO) test --locked --quiet --doc
	$(say) "Testing: units, properties, goldens, crashes, the broker"
	@echo "    corpus: $${COPYDESK_CORPUS:-not here}"
	@COPYDESK_KAFKA=1 PROPTEST_RNG_SEED=$(PROPTEST_RNG_SEED) $(CARGO) test --locked --workspace --lib --bins --tests
	$(say) "Everything passed"

.PHONY: test-faults
test-faults: ## Kill, freeze and cut off real processes: nothing lost, nothing twice; a quarter of an hour or so
	$(say) "Looking for what testing needs, and for a Go toolchain"
	@deploy/setup.sh faults
	@$(KAFKA) fetch
	$(say) "Building toxiproxy, which stands between the service and its broker"
	@deploy/toxiproxy.sh
	$(say) "Faults against a real Kafka"
	@COPYDESK_KAFKA=1 COPYDESK_FAULTS=all $(CARGO) test --locked --quiet --test faults

# How long `make fuzz` runs, in seconds.
SECONDS_OF_FUZZ ?= 600

FUZZ_OPTIONS = -max_total_time=$$(($(SECONDS_OF_FUZZ) / 2)) -max_len=16384 -timeout=30 -rss_limit_mb=2048 -print_final_stats=1

.PHONY: fuzz
fuzz: ## Feed mutated pages, then mutated texts, to extraction: ten minutes in all, or SECONDS_OF_FUZZ; fails on a panic or a broken promise
	$(say) "Looking for what fuzzing needs: a nightly compiler and cargo-fuzz"
	@deploy/setup.sh fuzz
	@mkdir -p tools/fuzz/corpus/article tools/fuzz/corpus/text
	$(say) "Fuzzing bytes to article for half of $(SECONDS_OF_FUZZ) s; what fails is kept in tools/fuzz/artifacts"
	@$(CARGO) +nightly fuzz run --fuzz-dir tools/fuzz --sanitizer none article \
		tools/fuzz/corpus/article tests/fixtures/pages tests/fixtures/article -- \
		-dict=tools/fuzz/article.dict $(FUZZ_OPTIONS)
	$(say) "Fuzzing text to article for the other half"
	@$(CARGO) +nightly fuzz run --fuzz-dir tools/fuzz --sanitizer none text \
		tools/fuzz/corpus/text tests/fixtures/texts -- -dict=tools/fuzz/text.dict $(FUZZ_OPTIONS)

.PHONY: lint
lint: setup ## Check the format, clippy, and the licences and sources of the dependencies
	$(say) "Checking the format"
	@$(CARGO) fmt --all --check
	$(say) "Checking the licences and sources of the dependencies"
	@$(CARGO) deny --all-features --locked check --hide-inclusion-graph licenses bans sources
	@$(CARGO) deny --manifest-path tools/bench/Cargo.toml --locked --config deny.toml check --hide-inclusion-graph \
		licenses bans sources
	@$(CARGO) deny --manifest-path tools/fuzz/Cargo.toml --locked check --hide-inclusion-graph sources
	$(say) "Linting with clippy; a warning is an error"
	@$(CARGO) clippy --locked --workspace --all-targets --quiet -- -D warnings

.PHONY: bench-dedup
bench-dedup: ## Measure near-duplicates beside gaoya, rensa and datasketch, each pair by a model that saw neither (COPYDESK_CORPUS)
	$(say) "Looking for what building and testing need, and for the Python libraries that are compared with"
	@deploy/setup.sh bench
	$(say) "Building the crates that are compared with, and the training program"
	@$(CARGO) build --release --locked --manifest-path tools/bench/Cargo.toml --target-dir target/bench-peers
	@$(CARGO) build --release --locked --quiet -p copydesk-train
	$(say) "Near-duplicates beside other indexes (three minutes or so)"
	@$(CARGO) bench --locked --bench dedup

.PHONY: bench-dedup-scale
bench-dedup-scale: setup-build ## Measure memory, disk and restore time of the index by its size
	$(say) "Measuring the deduplication index"
	@$(CARGO) bench --locked --bench dedup_scale

.PHONY: bench-extract
bench-extract: ## Measure CPU time and memory of extraction beside other extractors, and over the length of a page
	$(say) "Looking for what building and testing need, and for the Python libraries that are compared with"
	@deploy/setup.sh bench
	$(say) "Building the crates that are compared with"
	@$(CARGO) build --release --locked --manifest-path tools/bench/Cargo.toml --target-dir target/bench-peers
	$(say) "Extraction beside other extractors (two minutes or so)"
	@$(CARGO) bench --locked --bench extraction

.PHONY: bench-memory
bench-memory: setup-build ## Measure what one page holds in memory at most, for pages made to hold as much as they can
	$(say) "Memory of one page (half a minute)"
	@$(CARGO) bench --locked --bench memory

.PHONY: bench-crawl
bench-crawl: ## Measure a generated crawl of 2 GB from WARC to articles: pages a second, memory at most, beside Python
	$(say) "Looking for what building and testing need, and for the Python libraries that are compared with"
	@deploy/setup.sh bench
	$(say) "A crawl from file to file (three minutes or so)"
	@$(CARGO) bench --locked --bench crawl

.PHONY: bench-e2e
bench-e2e: ## Measure pages a second on a real Kafka: against extraction alone, against Python, against a pass-through (COPYDESK_CORPUS)
	$(say) "Looking for what building and testing need, and for the Python service that is compared with"
	@deploy/setup.sh bench
	@$(KAFKA) fetch
	$(say) "Pages through the service on a real Kafka (four minutes or so)"
	@$(CARGO) bench --locked --bench end_to_end

.PHONY: bench-accuracy
bench-accuracy: setup-build ## Measure extraction on real pages, each by models that saw no page of its host (COPYDESK_CORPUS)
	@$(CARGO) build --release --locked --quiet -p copydesk-train
	$(say) "Building the crates that are compared with"
	@$(CARGO) build --release --locked --manifest-path tools/bench/Cargo.toml --target-dir target/bench-peers
	$(say) "Fitting five models a form, each without a fifth of the hosts, and scoring that fifth"
	@target/release/copydesk-train accuracy --peers target/bench-peers/release/copydesk-bench-peers

.PHONY: train
train: setup-build ## Fit the models in config/models to the pages of COPYDESK_CORPUS
	@$(CARGO) build --release --locked --quiet -p copydesk-train
	@target/release/copydesk-train fit

.PHONY: train-dedup
train-dedup: setup-build ## Count frequencies and fit the model of near-duplicates to the articles of COPYDESK_CORPUS
	@$(CARGO) build --release --locked --quiet -p copydesk-train
	@target/release/copydesk-train dedup fit

.PHONY: bench-latency
bench-latency: setup ## Measure end-to-end latency against throughput on a real Kafka
	@$(KAFKA) fetch
	@$(CARGO) bench --locked --bench latency

.PHONY: bench-back-pressure
bench-back-pressure: setup ## Show that memory stays below the configured bound while more comes in than goes out (ten minutes)
	@$(KAFKA) fetch
	$(say) "Flooding the service on a real Kafka, then with gzip that grows a hundredfold"
	@$(CARGO) bench --locked --bench back_pressure

.PHONY: kafka
kafka: ## Start a Kafka on loopback, port 9092; `deploy/kafka-local.sh wipe` ends it
	@$(KAFKA) start

.PHONY: clean
clean: ## Remove what was built here; fetched jars and crates stay in their caches
	@if [ -d .kafka ]; then $(KAFKA) wipe; fi
	$(CARGO) clean
	rm -rf demo-out
