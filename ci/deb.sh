#!/bin/sh
# SPDX-License-Identifier: MIT
# The Debian packages, of what is in the checkout: ci/deb.sh [DIRECTORY], default build-deb/.
# lintian must find no error in them.
. "$(dirname "$0")/common.sh"
need build-essential debhelper git lintian ninja-build cmake libjansson-dev libdw-dev libinih-dev libxml2-dev pkg-config
out=${1:-$top/build-deb}
make_work
version=$(sed -n 's/^project(cloche VERSION \([0-9.]*\).*/\1/p' "$top/CMakeLists.txt")
case $(head -1 "$top/packaging/debian/changelog") in
"cloche ($version-"*) ;;
*)
	echo "packaging/debian/changelog is not about $version, as CMakeLists.txt is" >&2
	exit 1
	;;
esac

say "source of cloche $version"
mkdir -p "$work/cloche-$version" "$out"
cd "$top"
git ls-files -z --cached --others --exclude-standard | xargs -0 tar c --ignore-failed-read |
	tar x -C "$work/cloche-$version"
tar czf "$work/cloche_$version.orig.tar.gz" -C "$work" "cloche-$version"
cp -r "$top/packaging/debian" "$work/cloche-$version/debian"

say "packages"
cd "$work/cloche-$version"
DEB_BUILD_OPTIONS="parallel=$jobs nocheck ${DEB_BUILD_OPTIONS:-}" \
	dpkg-buildpackage -us -uc -b >"$work/log" 2>&1 || {
	tail -40 "$work/log" >&2
	exit 1
}

say "lintian"
cd "$work"
lintian --allow-root --fail-on error --suppress-tags initial-upload-closes-no-bugs,unknown-field ./*.changes
cp ./*.deb ./*.changes ./*.buildinfo "$out"
ls -l "$out"
