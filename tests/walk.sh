#!/usr/bin/env bash
# Does the first walk of CONTRIBUTING as it is written, on a copy of the tree, and changes one more fact; then every test must pass.
# Writes walk.md beside this file. Takes as long as building and testing the workspace. Run it after changing tests, or what reads the spec. TARGET=<dir> copies earlier builds.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
# Nothing is beside the copy, so the test that compares the captured page itself skips.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
tree="$work/tree"
mkdir "$tree"
# Files that are deleted but not committed have nothing to copy.
(cd "$root" && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\0' "$file"; fi
done | tar --null --files-from=- -cf -) | tar -xf - -C "$tree"
cd "$tree"
if [ -n "${TARGET:-}" ]; then cp -a "$TARGET" target; fi

fail() { echo "walk: $1" >&2; exit 1; }
spec=spec/reports/sendings/sendings.yaml

# 1. The line that CONTRIBUTING says to write.
file="$(sed -n 's/^1\. In `\([^`]*\)`, write `values: .*/\1/p' CONTRIBUTING.md)"
values="$(sed -n 's/^1\. In `[^`]*`, write `\(values: \[[a-z, ]*\]\)` at `channel`\.$/\1/p' CONTRIBUTING.md)"
[ "$file" = "$spec" ] && [ -n "$values" ] || fail "step 1 of CONTRIBUTING does not say what to write at \`channel\` of $spec"
sed -i "/^  channel: /s/values: \[[^]]*\]/$values/" "$spec"
grep -qF "$values" "$spec" || fail "$spec has no values at \`channel\`"
# One more fact, which no test is about.
sed -i 's/^cost: .*/cost: 4/' spec/reports/members/member_balance.yaml

# 2. The build generates what CONTRIBUTING names.
cargo build
grep -q 'Voice = "voice"' generated/rust/sendings.rs || fail "generated/rust/sendings.rs did not gain \`Voice\`"
for file in generated/docs/reports/sendings.md generated/model.json; do
  grep -q voice "$file" || fail "$file does not list the fourth channel"
done

# 3. The new page, if there is a capture of the old one.
page="$root/../shared/reference/pages/sendings.txt"
drift="skipped: no captured page"
if [ -f "$page" ]; then
  sed -n 's/^.*`\(cargo codegen drift\) page\.txt`.*$/\1/p' CONTRIBUTING.md | grep -q . || fail "step 3 of CONTRIBUTING names no command"
  sed '/^push$/a voice' "$page" > page.txt
  cmp -s "$page" page.txt && fail "the captured page has no line \`push\` to add a value after"
  # The closing line goes to standard error.
  drift="$(cargo codegen drift page.txt 2>&1 | tail -n 1)"
  rm page.txt
else
  echo "walk: step 3 is skipped: no captured page at $page" >&2
fi

# 4. All tests.
cargo test --workspace --no-fail-fast | tee "$work/said"
tests="$(awk '/^test result:/ { passed += $4; failed += $6 } END { print passed " passed, " failed " failed" }' "$work/said")"

# 5. What would be committed is fresh.
cargo codegen generate --check

{
  printf '# The walk of CONTRIBUTING\n\nMade by `tests/walk.sh`, on a tree with %s and `cost: 4` at `member_balance`.\n\n' "\`$values\`"
  printf '| Step | Result |\n|---|---|\n| build | generates what step 2 names |\n'
  printf '| drift of the new page | %s |\n| tests of the workspace | %s |\n| `cargo codegen generate --check` | fresh |\n' "$drift" "$tests"
} >"$root/tests/walk.md"
cat "$root/tests/walk.md"
