#!/bin/sh
# SPDX-License-Identifier: MIT
# GLib's installed tests, one by one without cloche and then in parallel under it; as root (when
# the job is) and as a user. Every difference is printed; a failure that a serial run does
# not have ends the job with 1, unless real-glib.expected explains it.
#
#   ci/real-glib.sh [root|user]...

. "$(dirname "$0")/common.sh"

need libglib2.0-tests python3
[ -x "${CLOCHE:-$top/build/cloche}" ] || build build
make_work
cp "${CLOCHE:-$top/build/cloche}" "$top/ci/compare.py" "$top/ci/real-glib.expected" "$work"
mkdir "$work/cases"
for test in /usr/share/installed-tests/glib/*.test; do
	case=$work/cases/$(basename "$test" .test)
	{
		echo '#!/bin/sh'
		sed -n 's/^Exec=/exec /p' "$test"
	} >"$case"
	chmod +x "$case"
done

# compare COMMAND LABEL OPTIONS: the same cases, by root or by a user, with as many descriptors in
# a cell as there are outside
compare() {
	by=$1 label=$2
	shift 2
	save_of "$label"
	"$by" "$work/compare.py" --cloche "$work/cloche" --cases "$work/cases" --label "$label" \
		--expected "$work/real-glib.expected" ${SAVE:+--save "$SAVE/$label"} \
		--descriptors="$(ulimit -n)" "$@"
}

status=0
if [ "$(id -u)" -ne 0 ]; then
	compare plainly user --user=me || status=1
	exit $status
fi
[ $# -gt 0 ] || set -- root user
for who; do
	case $who in
	root) compare plainly root --ids=full || status=1 ;;
	user)
		find_user
		compare as_user user --user=me || status=1
		;;
	*) echo "usage: $0 [root|user]..." >&2 && exit 2 ;;
	esac
done
exit $status
