#!/bin/sh
# SPDX-License-Identifier: MIT
# Set up, build, and run the demo: in cells, and then all in one shared world.
. "$(dirname "$0")/common.sh"

"$top/ci/install.sh" build
say "building"
build build -DCLOCHE_SELFTESTS=OFF -DCLOCHE_SAMPLES=ON
cd "$top/build/selftests/samples"

say "twenty cases fight over one host name, port, key, clock and file: each in a cell of its own"
./demo -j20 --verbose

say "the same cases in one shared world (itself a cell, so that this machine is not harmed)"
status=0
"$top/build/cloche" exec --root=cow -- ./demo -j20 --no-isolation --output=never || status=$?
if [ "$status" -ne 100 ]; then
	echo "they should have failed, with exit status 100 and not $status" >&2
	exit 1
fi
say "as expected: without a cell for each, they fail"
