# atelier_library(NAME SOURCES ... LINKS ... [TORCH])
#   One folder, one static library. TORCH puts it behind the boundary: libtorch's headers, through the shared precompiled one.
add_library(atelier_options INTERFACE)
# -fPIC everywhere alike: libraries and programs must share the precompiled header.
target_compile_options(atelier_options INTERFACE -fPIC -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Werror
  -Wno-missing-field-initializers  # Naming some fields and leaving the rest to their defaults is what defaults are for.
  -Wno-restrict -Wno-maybe-uninitialized)  # GCC 12 sees overlaps and unset strings that are not there (its bugs 105651, 105562).
target_include_directories(atelier_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
if(ATELIER_SANITIZE)
  target_compile_options(atelier_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(atelier_options INTERFACE -fsanitize=address,undefined)
endif()

function(atelier_library name)
  cmake_parse_arguments(library "TORCH" "" "SOURCES;LINKS" ${ARGN})
  if(library_TORCH AND NOT ATELIER_WITH_TORCH)
    return()
  endif()
  add_library(${name} STATIC ${library_SOURCES})
  target_link_libraries(${name} PUBLIC atelier_options ${library_LINKS})
  if(library_TORCH)
    atelier_use_torch(${name})
    # Loading the precompiled header costs each compilation seconds; several files share it.
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
  endif()
endfunction()

# 0.7 GB and 14 s, once for all targets behind the boundary.
function(atelier_use_torch name)
  if(NOT TARGET torch_precompiled)
    file(WRITE ${CMAKE_BINARY_DIR}/generated/torch_precompiled.cpp "// Carries the shared precompiled header of libtorch.\n")
    add_library(torch_precompiled OBJECT ${CMAKE_BINARY_DIR}/generated/torch_precompiled.cpp)
    target_link_libraries(torch_precompiled PUBLIC atelier_options torch_wheel)
    target_precompile_headers(torch_precompiled PRIVATE <torch/torch.h>)
  endif()
  target_link_libraries(${name} PUBLIC torch_wheel)
  target_precompile_headers(${name} REUSE_FROM torch_precompiled)
endfunction()
