# What every target is compiled and linked with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# A deploy waits for a cluster, not for this program: the smaller code starts faster, and compiles faster.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# Lines and functions are enough for a sanitizer's report.
set(CMAKE_CXX_FLAGS_DEBUG "-g1")

option(FLOWLET_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(FLOWLET_COVERAGE "gcov counters" OFF)
option(FLOWLET_FUZZ "Programs for libFuzzer instead of tests; needs clang" OFF)
option(FLOWLET_WERROR "Warnings are errors" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # Two checkouts of one text share what was compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

include(CheckPIESupported)
check_pie_supported()

add_library(flowlet_settings INTERFACE)
target_compile_options(flowlet_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Wformat=2
  -Wimplicit-fallthrough -Werror=format-security
  -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
  # GCC 12 warns falsely about std::string's operator+ (its bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
  $<$<BOOL:${FLOWLET_WERROR}>:-Werror>)
target_compile_definitions(flowlet_settings INTERFACE _GLIBCXX_ASSERTIONS)

if(FLOWLET_SANITIZE)
  # A null pointer that is followed ends in AddressSanitizer's report, with or without a check before it; these two checks
  # at every member access are a third of the time of compiling. The checks of addresses as calls are another.
  target_compile_options(flowlet_settings INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-sanitize=null,alignment -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:--param=asan-instrumentation-with-call-threshold=0>)
  target_link_options(flowlet_settings INTERFACE -fsanitize=address,undefined)
else()
  target_compile_definitions(flowlet_settings INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=3>)
endif()
if(FLOWLET_FUZZ)
  target_compile_options(flowlet_settings INTERFACE -fsanitize=fuzzer-no-link -O1)
endif()
if(FLOWLET_COVERAGE)
  target_compile_options(flowlet_settings INTERFACE --coverage -O0)
  target_link_options(flowlet_settings INTERFACE --coverage)
endif()

# Only for what is shipped: hardened, and libstdc++ inside so that one file can be copied to a host.
add_library(flowlet_link INTERFACE)
target_link_options(flowlet_link INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
if(NOT FLOWLET_SANITIZE)
  target_link_options(flowlet_link INTERFACE -static-libstdc++ -static-libgcc)
endif()
