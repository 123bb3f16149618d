#!/bin/sh
# SPDX-License-Identifier: MIT
# clang-tidy over the program and its library, with the checks of .clang-tidy.
. "$(dirname "$0")/common.sh"
cd "$top"
build build-clang -DCMAKE_C_COMPILER=clang
git ls-files 'harness/*.c' 'fixtures/*.c' 'runner/*.c' | xargs -P "$jobs" -n 4 \
	clang-tidy --quiet -p build-clang
