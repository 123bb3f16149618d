#!/bin/bash
# SPDX-License-Identifier: MIT
# README's test command: set up, build in every way that matters, and pass all tests, as root and as
# an ordinary user. Prints what it does, and at its end one line: N passed, N failed, N skipped.
#
#   ci/test.sh            everything
#   ci/test.sh JOB...     some of: gcc clang sanitize valgrind format tidy coverage docs
. "$(dirname "$0")/common.sh"
set +e

"$top/ci/install.sh" || exit 1
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
tally=$logs/tally
: >"$tally"

# count PASSED FAILED SKIPPED
count() {
	echo "$1 $2 $3" >>"$tally"
}

# step NAME COMMAND: something that passes or fails as a whole.
step() {
	local name=$1
	shift
	say "$name"
	if "$@" >"$logs/step" 2>&1; then
		count 1 0 0
	else
		tail -n 60 "$logs/step"
		echo "FAILED: $name"
		count 0 1 0
	fi
}

# unit BUILD: the programs of Check, and what must compile, link and not compile.
unit() {
	say "unit tests of $1"
	ctest --test-dir "$top/$1" -j "$jobs" --output-on-failure --output-junit "$logs/unit.xml" \
		-R '^unit' >"$logs/step" 2>&1
	local status=$?
	[ "$status" -eq 0 ] || tail -n 60 "$logs/step"
	/usr/bin/python3 "$top/ci/tally.py" junit "$logs/unit.xml" "$top/ci/expected-skips" \
		"$1" "$status" >>"$tally"
	rm -f "$logs/unit.xml"
}

# suites DIRECTORY WHO [COMMAND...]: the native suites that use cloche on itself. They run from
# there, because not everybody may enter the checkout.
suites() {
	local directory=$1 who=$2
	shift 2
	say "suites of cells in $directory, as $who"
	(cd "$directory" && "$@" ./cloche run --no-journal -j8 --shuffle --report terminal \
		--report "jsonl=$logs/cells.jsonl" cells >"$logs/step" 2>&1)
	local status=$?
	[ "$status" -eq 0 ] || { grep -v ' PASS ' "$logs/step" | tail -n 60; }
	/usr/bin/python3 "$top/ci/tally.py" jsonl "$logs/cells.jsonl" "$top/ci/expected-skips" "$who" \
		"$status" >>"$tally"
	rm -f "$logs/cells.jsonl"
}

# cells BUILD: as root and as an ordinary user, or just as the user that we are.
cells() {
	local place=$logs/place
	rm -rf "$place" && mkdir -p "$place/cells" && chmod 755 "$logs" "$place"
	cp "$top/$1/cloche" "$place"
	find "$top/$1/selftests/cells" -maxdepth 1 -name 't_*' -type f -perm -100 \
		-exec cp {} "$place/cells" \;
	chmod -R a+rX "$place"
	suites "$place" "$(id -un)"
	if [ "$(id -u)" -eq 0 ]; then
		chmod 777 "$logs"
		suites "$place" "$CLOCHE_TEST_USER" runuser -u "$CLOCHE_TEST_USER" --
	fi
}

# integration BUILD: pytest drives the program; as root it does so as both. Tests wait more than they
# work, so several run at a time, but for those that must have the machine for themselves.
integration() {
	say "integration tests of $1"
	pytest "$1" -m 'not alone' -n $((2 * jobs)) --dist loadgroup --max-worker-restart=0
	pytest "$1" -m alone
}

# pytest BUILD OPTIONS...
pytest() {
	local build=$1
	shift
	(cd "$top" && CLOCHE_BUILD=$top/$build /usr/bin/python3 -m pytest -q -p no:cacheprovider \
		--junitxml="$logs/junit.xml" "$@" selftests/integration >"$logs/step" 2>&1)
	local status=$?
	[ "$status" -eq 0 ] || tail -n 120 "$logs/step"
	/usr/bin/python3 "$top/ci/tally.py" junit "$logs/junit.xml" "$top/ci/expected-skips" \
		"$(id -un)" "$status" >>"$tally"
	rm -f "$logs/junit.xml"
}

# An ordinary user for the tests, with ids of its own to hand out; ours for the time of the run.
make_user() {
	export CLOCHE_TEST_USER=clochetest
	[ "$(id -u)" -eq 0 ] || return
	if ! id "$CLOCHE_TEST_USER" >/dev/null 2>&1; then
		useradd -m -s /bin/bash "$CLOCHE_TEST_USER"
		trap 'rm -rf "$logs"; userdel -r "$CLOCHE_TEST_USER" 2>/dev/null' EXIT
	fi
	grep -q "^$CLOCHE_TEST_USER:" /etc/subuid ||
		usermod --add-subuids 200000-265535 --add-subgids 200000-265535 "$CLOCHE_TEST_USER"
}

job_gcc() {
	step "build with gcc" build build -DCMAKE_C_COMPILER=gcc
	unit build
	cells build
	integration build
}

job_clang() {
	step "build with clang" build build-clang -DCMAKE_C_COMPILER=clang
	unit build-clang
	cells build-clang
}

# Optimised a little, so that the checks cost less; whether a format fits gcc knows less well with
# them, and is told by the other builds.
job_sanitize() {
	local flags="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
	flags="$flags -O1 -Wno-format-truncation"
	step "build with ASan and UBSan" build build-asan -DCMAKE_BUILD_TYPE=Debug \
		"-DCMAKE_C_FLAGS=$flags" "-DCMAKE_CXX_FLAGS=$flags"
	unit build-asan
	cells build-asan
	integration build-asan
}

# Left out: what crashes on purpose, what needs limits of its own, long doubles of 80 bits, and what
# counts mappings, of which valgrind has its own; and of the thousands of damages that a test tries,
# all of which ASan sees, all but one in thirteen.
job_valgrind() {
	export -f under_valgrind step say count
	export logs tally
	find "$top/build/selftests/unit" -maxdepth 1 -name 't_*' -type f -perm -100 \
		! -name t_crash ! -name t_bounds ! -name t_value ! -name t_mappings | sort |
		xargs -r -P "$jobs" -n 1 bash -c 'under_valgrind "$0"' || count 0 1 0
}

# under_valgrind PROGRAM: a step beside others, with a log of its own; it prints when it has ended.
under_valgrind() {
	logs=$(mktemp -d -p "$logs")
	step "valgrind ${1##*/}" env CK_TIMEOUT_MULTIPLIER=20 CLOCHE_UNIT_EVERY=13 valgrind --quiet \
		--error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite "$1" >"$logs/printed"
	cat "$logs/printed"
}

job_format() {
	step "format" "$top/ci/format.sh"
}

job_tidy() {
	step "clang-tidy" "$top/ci/tidy.sh"
}

# With a part of what pytest has, for the time that it takes; coverage.sh by itself runs nearly all.
job_coverage() {
	step "coverage" "$top/ci/coverage.sh" exec exit_codes flags foreign namespaces refusals \
		world_flags
	grep -E '^==|lines|functions' "$logs/step" | tail -n 9
}

job_docs() {
	step "docs" "$top/ci/check-docs.sh"
}

make_user
umask 022
for job in ${*:-gcc clang sanitize valgrind format tidy coverage docs}; do
	started=$SECONDS
	"job_$job"
	say "job $job took $((SECONDS - started)) s"
done

passed=0 failed=0 skipped=0
while read -r p f s; do
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done <"$tally"
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
