#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/reference.md names every option that --help knows, and none that it does not.
. "$(dirname "$0")/common.sh"
cd "$top"
cloche=${CLOCHE:-build/cloche}
known=$(mktemp)
told=$(mktemp)
trap 'rm -f "$known" "$told"' EXIT
for command in run list exec shell; do
	"$cloche" "$command" --help
done | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u >"$known"
grep -E '^\| (`-., )?`?.*`--|^\| `--|^\| `-.`' docs/reference.md | cut -d'|' -f2 |
	grep -oE -- '--[a-z-]+' | grep -vE -- '^--(version|list)$' | sort -u >"$told"
diff -u "$known" "$told" && echo "docs/reference.md names $(wc -l <"$known") options"
