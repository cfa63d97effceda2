# The targets of Scrip; `make help` lists them.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=

# An import that the manifest does not declare is an error, in every build alike: builds that
# differ in their flags would not share their products.
CHECKS := --explicit-target-dependency-import-check error
# All modules are optimised together by the linker, and what a request runs through lies side by side
# (spec/decisions/0058): the sources of a debit are in fourteen modules.
# A toolchain without a linker of its own builds plainly.
TOOLS = $(shell swiftc -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1/bin|p')
# Of the C++ library that Swift's runtime needs, what it needs, where there is an archive of it: its thousands of symbols
# are not looked up at each start then (spec/performance.md). The linker takes what it finds first.
STATIC := .build/static
OPTIMISED := --experimental-lto-mode=full -Xswiftc -use-ld=lld -Xlinker --lto-O3 \
  -Xlinker --symbol-ordering-file='$(CURDIR)/.ci/functions.order' -Xlinker --no-warn-symbol-ordering \
  -Xlinker -L'$(CURDIR)/$(STATIC)'
LINKING = --static-swift-stdlib $(if $(wildcard $(TOOLS)/ld.lld),$(OPTIMISED))
RELEASE = -c release $(LINKING) $(CHECKS)
BINARY := .build/release/scrip

# What swift-format reads.
FORMATTED := $(wildcard Sources Tests Fuzz Package.swift)

.PHONY: help build build-postgres release demo model test test-postgres bench-postgres guard order fuzz gate lint \
  format clean install

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s  %s\n", $$1, $$2 }' Makefile

build: ## Build everything for debugging
	@.ci/setup build
	$(SWIFT) build $(CHECKS)

# Products of the two builds would be made anew each time if they shared a directory.
POSTGRES := --traits PostgreSQL --scratch-path .build-postgres $(CHECKS)

# An empty directory does no harm.
$(STATIC):
	@mkdir -p $(STATIC)
	@archive=$$($(TOOLS)/clang -print-file-name=libstdc++.a 2>/dev/null || :); \
	if [ -f "$$archive" ]; then ln -sf "$$archive" $(STATIC)/; fi

build-postgres: $(STATIC) ## Build the scrip binary with ledgers on PostgreSQL, optimised
	@.ci/setup build postgresql
	@[ ! .ci/functions.order -nt .build-postgres/release/scrip ] || rm -f .build-postgres/release/scrip
	$(SWIFT) build -c release $(LINKING) $(POSTGRES) --product scrip

release: $(STATIC) ## Build the scrip binary, optimised, without need of Swift's libraries
	@.ci/setup build
	@[ ! .ci/functions.order -nt $(BINARY) ] || rm -f $(BINARY)
	$(SWIFT) build $(RELEASE) --product scrip

demo: release ## Play a working day at a till and show each request with its answer
	@$(BINARY) demo

# The tests start the binary that lies beside their bundle. SCRIP_BINARY names another:
#   make release test SCRIP_BINARY=$PWD/.build/release/scrip
model: ## Verify the model of the commit protocol, and that its mutants are caught
	@.ci/setup test
	spec/model/check

test: model ## Build and run all tests
	@.ci/setup build test
	$(SWIFT) build $(CHECKS) --build-tests
	$(SWIFT) test $(CHECKS) --skip-build

guard: release ## Count what a debit costs the release build, against the limits
	@.ci/setup test guard
	@.ci/order check $(BINARY)
	$(SWIFT) build $(CHECKS) --build-tests
	SCRIP_GUARD_INSTRUCTIONS=1 SCRIP_BINARY=$(CURDIR)/$(BINARY) \
	  $(SWIFT) test $(CHECKS) --skip-build --filter GuardTests

# Every suite that can stand on a server, on one that is started for it.
test-postgres: ## Build and run the tests of ledgers on PostgreSQL
	@.ci/setup build test postgresql
	$(SWIFT) build $(POSTGRES) --build-tests
	.ci/with-postgresql .ci/test-postgresql $(SWIFT) test $(POSTGRES) --skip-build

# ROUNDS, FOR, POINTS and SHOPS say how much; .ci/bench-postgresql has what they are.
bench-postgres: build-postgres ## Measure ledgers on PostgreSQL beside a function of the server
	$(SWIFT) build -c release $(LINKING) $(POSTGRES) --product scrip-server-load
	.ci/with-postgresql .ci/bench-postgresql

order: release ## Count which functions serving runs through, for the linker to lay side by side
	@.ci/setup guard
	.ci/order record $(BINARY)

TARGET ?= all
SECONDS ?= 15
fuzz: ## Fuzz TARGET (default: all) for SECONDS each (default: 15)
	@.ci/setup build
	Fuzz/run $(TARGET) $(SECONDS)

# Tests that reach inside need their targets built for it, which the engine's own release build is not.
gate: ## Run the tests of reliability at full size, resumable (GATE_SCALE=0.01 for a try)
	@.ci/setup build test
	$(SWIFT) build $(RELEASE) --product scrip
	$(SWIFT) build -c release $(CHECKS) -Xswiftc -enable-testing --build-tests --scratch-path .build-tests
	.ci/gate $(TESTS)

lint: ## Check the layout of the sources
	$(SWIFT) format lint --strict --recursive --parallel $(FORMATTED)

format: ## Bring the sources into that layout
	$(SWIFT) format --in-place --recursive --parallel $(FORMATTED)

clean: ## Remove what was built
	rm -rf .build .build-fuzz .build-gate .build-postgres .build-tests

install: release ## Install the binary under PREFIX (default: /usr/local)
	install -D -m 0755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/scrip
