# `make demo` shows the main job; `make test` runs every test. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

export CARGO_TERM_COLOR ?= auto
BIN := target/release
NODE := target/cluster/bin
IMAGES := target/images
NAME ?= hookgate
PROGRAMS := hookgate hookgate-webhook hookgate-operator hookgate-runner

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## The main job on a real Kubernetes: unsafe hooks refused, a StarRocks cluster upgraded in order
	@tests/e2e/with-cluster --name hookgate-demo demo

.PHONY: test
test: ## Every test: unit, property, router, and end to end on a real Kubernetes
	@tests/run

.PHONY: soundness
soundness: packages ## What `restricted` accepts against real bash, for MINUTES=10; SEED=7 for the same scripts again
	@tests/soundness/run $(or $(MINUTES),10) $(SEED)

.PHONY: chaos
chaos: ## 50 upgrades under real faults on a real Kubernetes; UPGRADES=3 for fewer, SEED=7 for the same faults again
	@tests/chaos/run --upgrades $(or $(UPGRADES),50) $(if $(SEED),--seed $(SEED))

.PHONY: sweep
sweep: ## One upgrade on a real Kubernetes during which the operator is killed at every request
	@tests/chaos/run --every-request

.PHONY: fuzz
fuzz: ## Feeds the shell parser with made-up scripts for MINUTES=30; what it finds is in target/fuzz/findings
	@shared/shell/fuzz/run $(or $(MINUTES),30)

.PHONY: bench
bench: ## Speed beside brush-parser, tree-sitter-bash, ShellCheck and OPA, beside Ansible, then the operator's: tables, and JSON in target/bench
	@tests/bench/run
	@tests/machines-bench/run
	@tests/operator-bench/run

.PHONY: model
model: packages ## The upgrade rules over every order of events of small worlds, and WALKS=200 random ones; SEED=7 for the same
	@scripts/build $(BIN) hookgate-model
	@$(BIN)/hookgate-model
	@$(BIN)/hookgate-model --walks $(or $(WALKS),200) $(if $(SEED),--seed $(SEED))

.PHONY: mutants
mutants: ## Every upgrade rule broken on purpose: the model checker has to notice each
	@cargo test -q --locked --workspace --exclude hookgate-e2e --test mutants -- --nocapture

.PHONY: build
build: packages ## Release binaries in target/release: hookgate, hookgate-webhook, hookgate-operator, hookgate-runner
	@scripts/build $(BIN) $(PROGRAMS)

.PHONY: lint
lint: ## rustfmt, clippy with warnings denied, gofmt, go vet, generated files up to date
	@scripts/lint

.PHONY: generate
generate: ## Writes the generated files anew: the CRDs of the chart and the rules' pages
	@scripts/generate

.PHONY: cluster-up
cluster-up: cluster ## Boots a one-node Kubernetes with the images loaded; prints its kubeconfig
	@tests/e2e/cluster-up $(NAME)

.PHONY: cluster-down
cluster-down: ## Ends that Kubernetes and leaves nothing behind
	@if [ -x $(NODE)/hookgate-cluster ]; then $(NODE)/hookgate-cluster down --name $(NAME); \
	elif [ -e /var/lib/hookgate-cluster/$(NAME) ]; then \
	echo "cluster $(NAME) exists, and the program that ends it doesn't: run make cluster, then this again" >&2; exit 1; \
	else echo "there is no cluster $(NAME)" >&2; fi

.PHONY: cluster
cluster: packages
	@tests/cluster/build $(NODE)

.PHONY: images
images: cluster build
	@tests/e2e/images $(IMAGES)

.PHONY: packages
packages:
	@tests/cluster/install-packages

.PHONY: clean
clean: ## Removes what was built
	rm -rf target
