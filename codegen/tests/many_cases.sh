#!/usr/bin/env bash
# Runs the properties of damaged and hostile specs and pages with 100,000 cases each, reads files of 50 MB, and writes many_cases.md beside this
# file. Takes some minutes. PROPTEST_CASES=1000000 runs more. Needs cargo only.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PROPTEST_CASES="${PROPTEST_CASES:-100000}"
said="$(mktemp)"
trap 'rm -f "$said"' EXIT
cargo test --release -p placewise-codegen --test properties -- --include-ignored damaged never_panics files_of_50 2>&1 | tee "$said"
PAGE_CASES="$PROPTEST_CASES" cargo test --release -p placewise-codegen --test published_damage 2>&1 | tee -a "$said"
{
  printf '# Many cases\n\nMade by `codegen/tests/many_cases.sh`: each property with %s cases, files of 50 MB once.\n\n' "$PROPTEST_CASES"
  printf '| Property | Result |\n|---|---|\n'
  sed -n 's/^test \([a-z0-9_:]*\)\( - should panic\)\{0,1\} \.\.\. \(.*\)$/| `\1` | \3 |/p' "$said" | LC_ALL=C sort
} >codegen/tests/many_cases.md
