#!/bin/sh
# SPDX-License-Identifier: MIT
# How much of cloche its unit tests and native suites reach: lcov's summary, and pages in build-coverage/report.
. "$(dirname "$0")/common.sh"
cd "$top"
build build-coverage -DCMAKE_BUILD_TYPE=Debug '-DCMAKE_C_FLAGS=--coverage -fprofile-update=atomic' \
	-DCMAKE_CXX_FLAGS=--coverage
find build-coverage -name '*.gcda' -delete
(cd build-coverage && ctest --output-on-failure -R unit >/dev/null)
find build-coverage/selftests/cells -maxdepth 1 -name 't_*' -type f -perm -100 |
	xargs build-coverage/cloche run --no-journal -j4 >/dev/null || :
lcov --quiet --capture --directory build-coverage --output-file build-coverage/all.info \
	--rc lcov_branch_coverage=0 2>/dev/null
lcov --quiet --extract build-coverage/all.info "$top/harness/*" "$top/fixtures/*" "$top/runner/*" \
	--output-file build-coverage/cloche.info
genhtml --quiet build-coverage/cloche.info --output-directory build-coverage/report
lcov --summary build-coverage/cloche.info
