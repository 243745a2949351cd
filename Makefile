# Every verb that a person or CI uses. Each is one call: the programs are in src/dataops, cluster/ and tests/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

override ENV := $(or $(ENV),local)
OUT ?= .reports/render
PYTHON ?= python3.11 python3.12 python3
FIRST_PYTHON = $(shell for p in $(PYTHON); do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo $$p && break; done)
GOOD_PYTHON = $(or $(FIRST_PYTHON),$(error $(PYTHON): the platform needs Python 3.11 or 3.12, install one or name it with PYTHON=))
version = $(shell sed -n 's/^$(1)=//p' versions.env)
UV_VERSION := $(call version,UV_VERSION)
DATAOPS_CACHE ?= $(HOME)/.cache/dataops
UV := $(DATAOPS_CACHE)/uv-$(UV_VERSION)/bin/uv
BIN := .venv/bin
TESTED := .venv .venv-airflow .venv-hub .venv-mlflow
ENVIRONMENTS := $(basename $(notdir $(wildcard environments/*.yaml)))
choose = $(if $(filter-out $(2),$($(1)))$(word 2,$($(1))),$(error $(1)=$($(1)) is unknown: choose one of: $(2)))
$(call choose,ENV,$(ENVIRONMENTS))
$(call choose,CLUSTER,current kind node)
$(call choose,ENGINE,docker podman buildah)
export ENV FACTS FROM CLUSTER ENGINE DATAOPS_CACHE SMOKE BASE_IMAGE BUILD_CA REGISTRY TAG VERSION KEY DAG LOAD

##@ Start here
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	/^[a-z0-9%_-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deploy: ## install or update the platform, then prove it (ENV=local|openshift, FACTS=file, SMOKE=auto|always|never)
deploy-%: .venv ## install or update one chart, e.g. make deploy-spark
	@$(BIN)/dataops deploy --env $(ENV) --chart $*
smoke: ## prove that the running platform works, end to end
status: ## what runs, and the memory it takes
urls: ## where the web pages are and how to log in
uninstall: ## remove the platform from the cluster (volumes and Secrets stay)
compose: ## without Kubernetes: make what `docker-compose up` needs on a laptop (images, secrets, .env)

##@ Look before you touch
render: .venv ## write what would be installed to a folder (OUT=dir)
	@$(BIN)/dataops render --env $(ENV) --out $(OUT)
diff: ## show what a deploy would change, line by line
bootstrap: ## print the namespaces, quotas and limits that an administrator applies (`users:` of the environment included)
doctor: .venv ## check a place before or after a deploy: rights, quota, images, S3, database (warnings are no failure)
	@$(BIN)/dataops doctor --env $(ENV) || [ $$? = 1 ]
s3-check: ## try the S3 store in every way the platform uses it, and say which settings passed
secrets: .venv ## create missing secrets (ENV=local, or FROM=folder of given values) or verify them
	@$(BIN)/dataops secrets ensure --env $(ENV)

deploy smoke status urls uninstall diff bootstrap s3-check: .venv
	@$(BIN)/dataops $(subst -, ,$@) --env $(ENV)

##@ A cluster on this machine (CLUSTER=node|kind|current)
cluster: ## start it, or heal it (OPENSHIFT=1: one with OpenShift's admission, Routes and a site around it)
cluster-down: ## stop it and leave nothing behind
cluster-purge: ## the same, and its caches too
cluster cluster-down cluster-purge: .venv
	@$(BIN)/python -m cluster $(or $(patsubst cluster-%,%,$(filter-out cluster,$@)),up)

##@ Images and charts (ENGINE=docker|podman|buildah)
images: .venv ## build every image that is not built yet (nor in REGISTRY=)
	@$(BIN)/dataops images build
image-%: .venv ## build one image, e.g. make image-spark
	@$(BIN)/dataops images build $*
bundle: ## write all that a site without internet needs into one folder (OUT=dist/bundle)
bundle-install: ## bring a bundle to a registry and deploy from it by digest (ENV=openshift, REGISTRY=, BUNDLE=dist/bundle)
bundle bundle-install: .venv
	@$(BIN)/dataops bundle $(or $(patsubst bundle-%,%,$(filter-out bundle,$@)),create)

lock: .venv ## write the hashed dependency locks anew
	@$(BIN)/dataops images lock
package: ## write every chart as an archive to dist/
push: ## bring to a registry what it lacks, named once more (REGISTRY= or ENV=, TAG=); TAG=v1.2.0 also the charts
release: ## set the version everywhere, in a commit and a tag of its own (VERSION=)
sign: ## say into dist/attest what every image holds and where it comes from, signed (KEY=gpg key)
verify: ## check dist/attest against the images of this machine, or of REGISTRY= (KEY=gpg key)
package push release sign verify compose dag-test: .venv
	@$(BIN)/dataops $@

##@ Checks
lint: .venv .venv-checkov ## style, types, Dockerfiles, charts
	@$(BIN)/black --check --quiet . && $(BIN)/isort --check --quiet . && $(BIN)/flake8 && $(BIN)/mypy
	@$(BIN)/hadolint images/*/Dockerfile && $(BIN)/dataops charts lint

bench-%: $(TESTED) ## measure goals against the usual way, e.g. make bench-images
	@$(BIN)/python -m bench.$*
test: $(TESTED) ## everything that needs no cluster
	@$(BIN)/pytest -q --numprocesses 2 --dist loadfile
	@.venv-airflow/bin/pytest -q tests/dags
dag-test: .venv-airflow ## run a DAG here, without a cluster (DAG=, LOAD=YYYY-MM-DD)
integration: .venv ## the library against real PostgreSQL and S3 in containers
	@$(BIN)/pytest -q tests/integration --ignore tests/integration/full
e2e: .venv ## deploy, smoke, deploy again, uninstall on a real cluster; then each image under unknown uids
	@$(BIN)/pytest -q -s -p no:cacheprovider --timeout 4200 tests/e2e tests/images
e2e-full: .venv .venv-mlflow ## what takes longer: a node of 8 GiB, ct install, standalone Spark, idle memory (SPARK_VERSION=)
	@$(BIN)/pytest -q -s -p no:cacheprovider --timeout 4200 tests/e2e_full tests/integration/full
mutants: $(TESTED) ## break the product on purpose: each break must turn a test red
	@$(BIN)/python -m dataops.platform.mutants

# Python environments, made when needed and anew when their lock changed
OFFLINE := { echo "error: the packages were not installed, the reason is above; without PyPI name your mirror in \
	UV_DEFAULT_INDEX and PIP_INDEX_URL, then run the same command again" >&2; exit 1; }
$(TESTED) .venv-checkov: %: %/.synced

$(UV):
	@$(GOOD_PYTHON) -m venv $(DATAOPS_CACHE)/uv-$(UV_VERSION)
	@$(@D)/pip install --quiet uv==$(UV_VERSION) || $(OFFLINE)
%/bin/python: | $(UV)
	@$(UV) venv --quiet --python $(GOOD_PYTHON) $*

.venv/.synced: locks/dev.txt pyproject.toml | $(BIN)/python
.venv-airflow/.synced: locks/airflow-$(call version,AIRFLOW_VERSION).txt locks/dag-tests.txt | .venv-airflow/bin/python
.venv-hub/.synced: versions.env locks/jupyterhub-$(call version,JUPYTERHUB_VERSION).txt | .venv-hub/bin/python
.venv-mlflow/.synced: locks/mlflow-$(call version,MLFLOW_VERSION).txt | .venv-mlflow/bin/python
.venv-checkov/.synced: locks/checkov.txt | .venv-checkov/bin/python
$(addsuffix /.synced,$(TESTED) .venv-checkov):
	@{ $(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes $(filter %.txt,$^) && \
	$(UV) pip install --quiet --python $(@D)/bin/python --no-deps --editable . && touch $@; } || $(OFFLINE)

.PHONY: $(shell sed -n 's/^\([a-z0-9-]*\):.*\#\# .*/\1/p' Makefile) $(TESTED) .venv-checkov
