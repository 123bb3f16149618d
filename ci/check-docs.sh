#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/ agrees with the program and with itself: docs/reference.md names every option that --help
# knows, with its field in cloche.h, and none that is unknown; every event and every verdict too;
# links lead somewhere; prose in docs/ has lines of at most 100 columns.
. "$(dirname "$0")/common.sh"
cd "$top"
cloche=${CLOCHE:-build/cloche}
[ -x "$cloche" ] || {
	echo "'$cloche' is not there; build it, or name another with CLOCHE=" >&2
	exit 1
}
make_work
status=0

wrong() {
	echo "$*" >&2
	status=1
}

# same WHAT: $work/known is what the code knows, $work/told what the reference tells.
same() {
	sort -u -o "$work/known" "$work/known"
	sort -u -o "$work/told" "$work/told"
	[ -s "$work/known" ] || wrong "$1: nothing was found to compare"
	diff -U0 --label "code: $1" --label "docs" "$work/known" "$work/told" >&2 ||
		status=1
	echo "$1: $(wc -l <"$work/told")"
}

# section HEADING: from that heading to the next.
section() {
	awk -v heading="$1" '/^#/ { inside = ($0 == heading) } inside' docs/reference.md
}

# options HEADING: the flags in the first column of its table.
options() {
	section "$1" | grep '^| `-' | cut -d'|' -f2 | grep -oE -- '--[a-z-]+'
}

# The flags: those of the program, and --list, which only a suite's own program has.
{
	for command in run list exec shell; do
		"$cloche" "$command" --help
	done | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'
	echo --list
} >"$work/known"
{ options "## Flags of a run"; options "## The world of a cell"; } >"$work/told"
same "flags"

# The reports: the program's own table, as completions have it.
"$cloche" --complete-words cloche run --report '' | cut -f1 >"$work/known"
sed -n 's/^| `-r`, `--report NAME[^|]*|\([^|]*\), to FILE .*/\1/p' docs/reference.md |
	grep -oE '`[a-z]+`' | tr -d '`' >"$work/told"
same "reports"

# The options of a world, and their C fields.
"$cloche" exec --help | grep -oE '^ +--[a-z-]+' | grep -oE -- '--[a-z-]+' >"$work/known"
options "## The world of a cell" >"$work/told"
same "world options"
sed -n '/^struct cloche_options {/,/^};/p' harness/cloche.h | grep -vE '^[[:space:]]*/?\*' |
	grep -oE '[a-z_]+(, [a-z_]+)*;' | grep -oE '[a-z_]+' >"$work/known"
{ section "## Flags of a run" | grep -E '^\| `--[a-z-]+( [A-Z]+)?` \| `[a-z_]+` \|'
	section "## The world of a cell" | grep '^| `--'; } | cut -d'|' -f3 | grep -oE '[a-z_]+' >"$work/told"
same "fields of struct cloche_options"

# JSON lines: every name that the report writes.
sed 's/json_pack("[^"]*"//' runner/report/event_json.c |
	grep -E 'json_object_set_new|json_pack|^[[:space:]]+"|, "|begin_case' |
	grep -oE '"[a-z_-]+"' | tr -d '"' | grep -vE '^(v|event|seconds|jsonl)$' >"$work/known"
sed -n '/^static const char \*const names\[\]/,/^};/p' runner/verdict.c | grep -oE '"[a-z]+"' |
	tr -d '"' >>"$work/known"
section "### JSON lines" | grep -oE '`[a-z][a-z_-]*`' | tr -d '`' | grep -vE '^(v|event|seconds)$' \
	>"$work/told"
same "names in JSON lines"
/usr/bin/python3 - docs/events.schema.json >"$work/told" <<'END'
import json, sys
kinds = json.load(open(sys.argv[1]))["$defs"]
names = {name for kind in kinds.values() for name in kind.get("properties", ())}
events = {kind["properties"]["event"]["const"] for kind in kinds.values()
          if "event" in kind.get("properties", ())}
print(*(names | events | set(kinds["verdict"]["enum"])) - {"v", "event", "seconds"}, sep="\n")
END
same "names in docs/events.schema.json"

# Exit codes.
sed -n '/EXIT_/s/.*EXIT_[A-Z_]* *=* *\([0-9][0-9]*\).*/\1/p' runner/flags.h >"$work/known"
section "## Exit status" | grep '^|' | tr '|' '\n' | grep -oE '^ [0-9]+ $' | tr -d ' ' |
	grep -vx 0 >"$work/told"
same "exit codes"

# The bounds of prose, and links.
for page in docs/*.md README.md; do
	[ "$page" = README.md ] || awk -v page="$page" '/^```/ { code = !code }
		!code && !/^\|/ && length($0) > 100 {
			print page ":" FNR ": longer than 100 columns"
			bad = 1
		}
		END { exit bad }' "$page" >&2 || status=1
	grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//' | grep -v '^http' >"$work/links" || :
	while read -r link; do
		file=${link%%#*}
		target=$page
		[ -z "$file" ] || target=$(dirname "$page")/$file
		[ -e "$target" ] || wrong "$page: no file '$target'"
		case $link in *'#'*) ;; *) continue ;; esac
		grep -E '^#' "$target" | sed 's/^#* *//; s/[^A-Za-z0-9 -]//g; s/ /-/g' |
			tr '[:upper:]' '[:lower:]' | grep -qxF -- "${link#*#}" ||
			wrong "$page: no heading for '$link'"
	done <"$work/links"
done
exit "$status"
