# cloche_discover_tests(TARGET
#                       [WORLD FLAG...]
#                       [TEST_PREFIX PREFIX] [TEST_SUFFIX SUFFIX]
#                       [WORKING_DIRECTORY DIRECTORY]
#                       [DISCOVERY_MODE POST_BUILD|PRE_TEST] [DISCOVERY_TIMEOUT SECONDS]
#                       [PROPERTIES NAME VALUE...])
#
# Puts every case of a native suite into ctest, as TARGET::CASE. Its tags are its labels, its
# deadline with that of all retries is the timeout, its threads are PROCESSORS, its group is a
# RESOURCE_LOCK, and a case that is skipped is skipped.
#
# WORLD           flags of the suite, as --root=cow; flags may also follow TARGET without the word
# TEST_PREFIX     in place of "TARGET::"
# DISCOVERY_MODE  when the suite is asked for its cases: when it is built (default), or when ctest
#                 runs and it is newer than what is known
# PROPERTIES      of all these tests, after those above
#
# cloche.ini is read when ctest runs, but for its reports: each case is a run of its own.

function(cloche_discover_tests target)
  set(script "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/clocheAddTests.cmake")
  cmake_parse_arguments(PARSE_ARGV 1 arg ""
    "TEST_PREFIX;TEST_SUFFIX;WORKING_DIRECTORY;DISCOVERY_MODE;DISCOVERY_TIMEOUT"
    "WORLD;PROPERTIES")
  if(NOT TARGET ${target})
    message(FATAL_ERROR "cloche_discover_tests: there is no target '${target}'")
  endif()
  foreach(word IN LISTS arg_UNPARSED_ARGUMENTS)
    if(NOT word MATCHES "^-")
      message(FATAL_ERROR "cloche_discover_tests: '${word}' is neither a keyword nor a flag")
    endif()
  endforeach()
  list(APPEND arg_WORLD ${arg_UNPARSED_ARGUMENTS})
  if(NOT DEFINED arg_TEST_PREFIX)
    set(arg_TEST_PREFIX "${target}::")
  endif()
  if(NOT arg_WORKING_DIRECTORY)
    set(arg_WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  endif()
  if(NOT arg_DISCOVERY_TIMEOUT)
    set(arg_DISCOVERY_TIMEOUT 30)
  endif()
  if(NOT arg_DISCOVERY_MODE)
    set(arg_DISCOVERY_MODE POST_BUILD)
  endif()

  set(tests "${CMAKE_CURRENT_BINARY_DIR}/${target}-cloche-tests.cmake")
  set(include "${CMAKE_CURRENT_BINARY_DIR}/${target}-cloche-include.cmake")
  # Quoted, since a list of flags has semicolons.
  if(arg_DISCOVERY_MODE STREQUAL "POST_BUILD")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}")
    add_custom_command(TARGET ${target} POST_BUILD
      BYPRODUCTS "${tests}"
      COMMAND "${CMAKE_COMMAND}"
        -D "EXECUTABLE=$<TARGET_FILE:${target}>"
        -D "FLAGS=${arg_WORLD}"
        -D "PREFIX=${arg_TEST_PREFIX}"
        -D "SUFFIX=${arg_TEST_SUFFIX}"
        -D "DIRECTORY=${arg_WORKING_DIRECTORY}"
        -D "SECONDS=${arg_DISCOVERY_TIMEOUT}"
        -D "PROPERTIES=${arg_PROPERTIES}"
        -D "OUTPUT=${tests}"
        -P "${script}"
      VERBATIM)
    set(ask "")
  elseif(arg_DISCOVERY_MODE STREQUAL "PRE_TEST")
    set(ask "if(EXISTS [==[$<TARGET_FILE:${target}>]==] AND
   ([==[$<TARGET_FILE:${target}>]==] IS_NEWER_THAN [==[${tests}]==] OR
    [==[${include}]==] IS_NEWER_THAN [==[${tests}]==]))
  execute_process(COMMAND [==[${CMAKE_COMMAND}]==]
    -D [==[EXECUTABLE=$<TARGET_FILE:${target}>]==]
    -D [==[FLAGS=${arg_WORLD}]==]
    -D [==[PREFIX=${arg_TEST_PREFIX}]==]
    -D [==[SUFFIX=${arg_TEST_SUFFIX}]==]
    -D [==[DIRECTORY=${arg_WORKING_DIRECTORY}]==]
    -D [==[SECONDS=${arg_DISCOVERY_TIMEOUT}]==]
    -D [==[PROPERTIES=${arg_PROPERTIES}]==]
    -D [==[OUTPUT=${tests}]==]
    -P [==[${script}]==] RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    file(REMOVE [==[${tests}]==])
  endif()
endif()
")
  else()
    message(FATAL_ERROR
      "cloche_discover_tests: DISCOVERY_MODE is POST_BUILD or PRE_TEST, not '${arg_DISCOVERY_MODE}'")
  endif()

  # A suite that is not built is a test that cannot be run, and not no test.
  file(GENERATE OUTPUT "${include}" CONTENT "${ask}if(EXISTS [==[${tests}]==])
  include([==[${tests}]==])
else()
  add_test([==[${target}_NOT_BUILT]==] [==[${target}_NOT_BUILT]==])
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include}")
endfunction()
