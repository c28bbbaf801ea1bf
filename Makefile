# make run     set up what is needed and start the demo; LISTEN=127.0.0.1:8081 chooses another address
# make test    set up what is needed and run every check
# make bench   print the benchmark tables
# make prove   the long property, fuzz and race runs
# make pictures  the pictures of the help, of the login pages as they are now

SHELL := /bin/bash

.PHONY: run test bench prove pictures assets build build-hsm lint generate licences clean

run: build
	./bin/signpost demo $(if $(LISTEN),--listen $(LISTEN))

build: assets
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/signpost ./cmd/signpost

# With PKCS#11, for keys in a security module and for smartcards at their reader; needs a C compiler.
build-hsm: assets
	CGO_ENABLED=1 go build -tags hsm -trimpath -ldflags='-s -w' -o bin/signpost-hsm ./cmd/signpost

# The NHS.UK frontend comes from npm and is embedded in the program.
assets: internal/platform/web/assets/files/nhsuk-frontend.min.css

internal/platform/web/assets/files/nhsuk-frontend.min.css: package-lock.json scripts/assets.sh
	@./scripts/need.sh npm npm
	@echo "Fetching the NHS.UK frontend from npm"
	npm ci --silent --no-audit --no-fund
	./scripts/assets.sh
	@touch $@

test: build
	./scripts/test.sh

pictures: build
	npm ci --prefix e2e --silent
	SIGNPOST_PICTURES=make node --test --test-name-pattern='the help' e2e/journeys/device.test.mjs

lint: build/tools/golangci-lint
	build/tools/golangci-lint run ./...

build/tools/golangci-lint: tools/go.mod tools/go.sum
	@echo "Building the linter (some minutes, once)"
	@mkdir -p build/tools
	cd tools && go build -o ../build/tools/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

build/tools/templ: tools/go.mod tools/go.sum
	@mkdir -p build/tools
	cd tools && go build -o ../build/tools/templ github.com/a-h/templ/cmd/templ

# Writes the _templ.go files anew from the .templ files, folder by folder, as they are committed.
generate: build/tools/templ
	@for folder in $$(git ls-files -co --exclude-standard '*.templ' | xargs -n 1 dirname | sort -u); do \
	  (cd $$folder && $(CURDIR)/build/tools/templ generate -log-level error) || exit 1; done

# Gathers the notices of what the program is built from anew, after a module came, went or changed.
licences:
	./scripts/licences.sh

bench: build
	./scripts/bench.sh

prove: build
	./scripts/prove.sh

clean:
	rm -rf bin build node_modules e2e/node_modules
	find internal/platform/web/assets/files -mindepth 1 ! -name .keep -delete
