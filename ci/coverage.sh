#!/bin/sh
# SPDX-License-Identifier: MIT
# How much of cloche its tests reach: unit tests, native suites, and what pytest drives the program
# to, as root and as an ordinary user. lcov's summary, and pages in build-coverage/report.
#
#   ci/coverage.sh              all of them, but what takes long and reaches nothing more
#   ci/coverage.sh NAME...      the same with selftests/integration/test_NAME.py only
. "$(dirname "$0")/common.sh"
cd "$top"
forget() {
	[ ! -d build-coverage ] || find build-coverage -name '*.gcda' -delete
}
forget
build build-coverage -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=--coverage \
	'-DCMAKE_C_FLAGS=--coverage -fprofile-update=atomic -DCLOCHE_COVERED'
forget # the build runs what it has built
(cd build-coverage && ctest --output-on-failure -R unit >/dev/null)
find build-coverage/selftests/cells -maxdepth 1 -name 't_*' -type f -perm -100 |
	xargs build-coverage/cloche run -j4 >/dev/null || :

# Keepers, zygotes and inits of several users write to the same files, harness/covered.h: these are
# there beforehand, empty, and anybody's. libgcov takes them as new.
make_work
(
	umask 0
	find "$top/build-coverage/CMakeFiles" -name '*.gcno' | while read -r notes; do
		mkdir -p "$work/data/${notes%/*}"
		: >"$work/data/${notes%.gcno}.gcda"
	done
)
tests=
if [ $# -eq 0 ]; then
	for file in selftests/integration/test_*.py; do
		case $file in *_bounds.py | *_built_with.py | *_golden.py | *_live.py | *_pollution.py) ;;
		*) tests="$tests $file" ;;
		esac
	done
fi
for name; do
	tests="$tests selftests/integration/test_$name.py"
done
say "integration tests, covered"
# What fails is told by the jobs that test.
drive() {
	# shellcheck disable=SC2086 # a list
	GCOV_PREFIX=$work/data GCOV_ERROR_FILE=/dev/null CLOCHE_BUILD=$top/build-coverage \
		/usr/bin/python3 -m pytest -q -p no:cacheprovider "$@" $tests | tail -n 3 || :
}
drive -m 'not alone' -n $((2 * jobs)) --dist loadgroup --max-worker-restart=0
drive -m alone
capture() {
	lcov --quiet --capture --directory build-coverage --output-file "build-coverage/$1.info" \
		--rc lcov_branch_coverage=0 2>/dev/null
}
capture own
find build-coverage/CMakeFiles -name '*.gcda' -delete
find "$work/data" -name '*.gcda' -size 0 -delete
cp -r "$work/data$top/build-coverage/CMakeFiles" build-coverage
capture driven
lcov --quiet --add-tracefile build-coverage/own.info --add-tracefile build-coverage/driven.info \
	--output-file build-coverage/all.info
for kind in own driven all; do
	lcov --quiet --extract build-coverage/$kind.info "$top/harness/*" "$top/fixtures/*" \
		"$top/runner/*" --output-file build-coverage/$kind.info
done
genhtml --quiet build-coverage/all.info --output-directory build-coverage/report
for kind in own driven all; do
	case $kind in
	own) say "by unit tests and native suites" ;;
	driven) say "by keepers, zygotes and inits that pytest drives" ;;
	all) say "by all of them" ;;
	esac
	lcov --summary build-coverage/$kind.info 2>&1 | grep -E 'lines|functions'
done
