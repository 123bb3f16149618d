#!/bin/sh
# SPDX-License-Identifier: MIT
# GLib's installed tests, program by program without cloche and then path by path, in parallel, under
# it; as root (when the job is) and as a user. Every difference is printed; a failure that a serial
# run does not have ends the job with 1, unless real-glib.expected explains it. Takes a quarter of an
# hour, most of it for the serial runs.
#
#   ci/real-glib.sh [root|user]...

. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/real.sh"

need uidmap libglib2.0-tests python3
make_compare "$top/ci/real-glib.expected"
# A program as it is; one that wants arguments is one case.
for test in /usr/share/installed-tests/glib/*.test; do
	case=$work/cases/$(basename "$test" .test)
	command=$(sed -n 's/^Exec=//p' "$test")
	if [ -x "$command" ]; then
		ln -s "$command" "$case"
	else
		printf '#!/bin/sh\nexec %s\n' "$command" >"$case"
		chmod +x "$case"
	fi
done
compare_all "$@" --
