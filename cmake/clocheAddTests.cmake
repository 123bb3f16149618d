# What cloche_discover_tests() runs: ask EXECUTABLE for its cases, and write OUTPUT for ctest.

cmake_policy(VERSION 3.22)

execute_process(
  COMMAND "${EXECUTABLE}" --list --format=json --shard=1/1 ${FLAGS}
  WORKING_DIRECTORY "${DIRECTORY}"
  TIMEOUT "${SECONDS}"
  OUTPUT_VARIABLE list
  ERROR_VARIABLE errors
  RESULT_VARIABLE result)
if(NOT result EQUAL 0 AND NOT result EQUAL 4) # 4: there is no case
  message(FATAL_ERROR "'${EXECUTABLE}' does not list its cases (${result}); is it built with "
    "cloche.h?\n${errors}")
endif()

set(text "")

# An argument of a command, whatever is in it.
function(argument value)
  set(fence "=")
  string(FIND "${value}" "]${fence}]" at)
  while(NOT at EQUAL -1)
    string(APPEND fence "=")
    string(FIND "${value}" "]${fence}]" at)
  endwhile()
  set(text "${text} [${fence}[${value}]${fence}]" PARENT_SCOPE)
endfunction()

while(list MATCHES "^([^\n]+)\n")
  set(line "${CMAKE_MATCH_1}")
  string(LENGTH "${line}\n" size)
  string(SUBSTRING "${list}" ${size} -1 list)
  string(JSON name GET "${line}" name)
  string(JSON deadline GET "${line}" deadline)
  string(REGEX REPLACE "\\..*" "" deadline "${deadline}")
  math(EXPR deadline "${deadline} + 60") # cloche's own comes first
  string(JSON group GET "${line}" group)
  string(JSON group_type TYPE "${line}" group)
  string(JSON threads GET "${line}" threads)
  string(JSON tag_count LENGTH "${line}" tags)

  string(APPEND text "add_test(")
  argument("${PREFIX}${name}${SUFFIX}")
  argument("${EXECUTABLE}")
  foreach(word "--exact=${name}" --shard=1/1 --skip-status=77 --no-journal --report=
          --report=terminal)
    argument("${word}")
  endforeach()
  foreach(word IN LISTS FLAGS)
    argument("${word}")
  endforeach()
  string(APPEND text ")\nset_tests_properties(")
  argument("${PREFIX}${name}${SUFFIX}")
  string(APPEND text " PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT ${deadline} WORKING_DIRECTORY")
  argument("${DIRECTORY}")
  string(APPEND text " PROCESSORS ${threads}")
  if(group_type STREQUAL "STRING")
    string(APPEND text " RESOURCE_LOCK")
    argument("cloche-group-${group}")
  endif()
  if(tag_count GREATER 0)
    set(labels "")
    math(EXPR last "${tag_count} - 1")
    foreach(i RANGE ${last})
      string(JSON tag GET "${line}" tags ${i})
      list(APPEND labels "${tag}")
    endforeach()
    string(APPEND text " LABELS")
    argument("${labels}")
  endif()
  foreach(word IN LISTS PROPERTIES)
    argument("${word}")
  endforeach()
  string(APPEND text ")\n")
endwhile()

file(WRITE "${OUTPUT}" "${text}")
