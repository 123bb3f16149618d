#!/bin/sh
# SPDX-License-Identifier: MIT
# The Debian packages that building and testing cloche needs, by name.
. "$(dirname "$0")/common.sh"

# to build
need gcc libc6-dev cmake ninja-build pkg-config libjansson-dev libdw-dev libinih-dev libxml2-dev
[ "${1:-}" = build ] && exit 0

# to test: Check for the pure parts, pytest for the program, newuidmap for ids=full, and what the
# tests run in cells
need check python3-pytest python3-pytest-xdist uidmap g++ clang libgtest-dev libclang-rt-14-dev \
	llvm libseccomp-dev valgrind lcov clang-format clang-tidy gdb strace procps mandoc \
	groff-base bash-completion zsh fish iproute2 util-linux busybox-static netbase git musl-tools
# programs of 32 bits (gcc-multilib conflicts with cross compilers)
need gcc-12-multilib
# frameworks of foreign suites
need catch2 doctest-dev libboost-test-dev rustc golang-go bats perl
need python3-pytest-cov dbus-daemon dbus-bin meson automake libtool libatf-dev atf-sh
need kyua libglib2.0-dev libcriterion-dev libcmocka-dev
# the Debian packages, ci/deb.sh
need build-essential debhelper lintian
# what reads reports
need libxml2-utils python3-jsonschema python3-yaml chromium chromium-driver python3-selenium
