#!/bin/sh
# SPDX-License-Identifier: MIT
# Every C file is formatted as .clang-format says; `ci/format.sh fix` makes it so.
. "$(dirname "$0")/common.sh"
cd "$top"
[ "${1:-}" = fix ] && check=-i || check='--dry-run -Werror'
# shellcheck disable=SC2086 # options
git ls-files '*.c' '*.h' | xargs clang-format $check
