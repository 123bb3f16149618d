/* SPDX-License-Identifier: MIT */
/*
 * automake_script.h: what asks make for the tests of a directory and those below it
 *
 * A makefile that includes the directory's own prints variables as "NAME=value" lines, newlines in
 * values as \1, the command by which automake prepares a test among them: am__check_pre. What is
 * out of date is not made again (-o Makefile). Each directory begins with DIRECTORY= and ends with
 * END=.
 */
#ifndef CLOCHE_AUTOMAKE_SCRIPT_H
#define CLOCHE_AUTOMAKE_SCRIPT_H

static const char automake_makefile[] =
	"include Makefile\n"
	"define cloche_newline\n\n\nendef\n"
	"cloche_say = $(info $1=$(subst $(cloche_newline),\1,$2))\n"
	"cloche_name = $(shell echo '$1' | tr a-z. A-Z_ | sed 's/^_//')\n"
	"cloche_of = $(call cloche_say,DRIVER$1,$($2LOG_DRIVER))"
	"$(call cloche_say,DRIVER_FLAGS$1,$(AM_$2LOG_DRIVER_FLAGS) $($2LOG_DRIVER_FLAGS))"
	"$(call cloche_say,COMPILE$1,$($2LOG_COMPILE))\n"
	"cloche-list:\n"
	"\t$(foreach v,srcdir SUBDIRS TESTS XFAIL_TESTS TEST_EXTENSIONS am__check_pre"
	" TESTS_ENVIRONMENT AM_TESTS_FD_REDIRECT DISABLE_HARD_ERRORS check_PROGRAMS check_LIBRARIES"
	" check_LTLIBRARIES check_SCRIPTS check_DATA,$(call cloche_say,$v,$($v)))"
	"$(call cloche_of,,)"
	"$(foreach e,$(TEST_EXTENSIONS),$(call cloche_of,$e,$(call cloche_name,$e)_))@:\n";

static const char automake_script[] =
	"list() (\n"
	"  cd \"$1\" && [ -f Makefile ] || exit 0\n"
	"  said=$(printf '%s' \"$makefile\" |\n"
	"    make -s --no-print-directory -o Makefile -f - cloche-list) || exit\n"
	"  printf 'DIRECTORY=%s\\n%s\\n' \"$2\" \"$said\"\n"
	"  grep -q '^\\.NOTPARALLEL:' Makefile && echo NOTPARALLEL=\n"
	"  make -pq -o Makefile cloche-none 2>/dev/null |\n"
	"    sed -n 's/^\\([^ #:]*\\.log:.* [^ ]*\\.log\\)/LOGS=\\1/p'\n"
	"  echo END=\n"
	"  for below in $(printf '%s\\n' \"$said\" | sed -n 's/^SUBDIRS=//p'); do\n"
	"    [ \"$below\" = . ] || list \"$below\" \"$2$below/\" || exit\n"
	"  done\n"
	")\n"
	"makefile=$0\n"
	"list . ''\n";

#endif
