# Every outside library as one imported target, so that our libraries name libraries and not paths.
find_program(CCACHE ccache)
if(CCACHE)
  # pch_defines: a precompiled header does not make ccache give up.
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(PNG REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus QUIET)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)

# HDF5's own CMake variables differ between releases; this is all we use of them.
add_library(hdf5_c INTERFACE)
target_include_directories(hdf5_c SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS} ${HDF5_INCLUDE_DIRS})
target_link_libraries(hdf5_c INTERFACE ${HDF5_C_LIBRARIES})

# The parts of OpenCV that load in 10 ms. Its CMake package comes only with all of OpenCV, so they are found by name.
find_path(OPENCV_INCLUDE opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(OPENCV_CORE opencv_core REQUIRED)
find_library(OPENCV_IMGPROC opencv_imgproc REQUIRED)
add_library(opencv_small INTERFACE)
target_include_directories(opencv_small SYSTEM INTERFACE ${OPENCV_INCLUDE})
target_link_libraries(opencv_small INTERFACE ${OPENCV_IMGPROC} ${OPENCV_CORE})

# libtorch: two libraries by their path, from the wheel or from where ATELIER_TORCH said. Not find_package(Torch), which
# wants a CUDA toolkit for a wheel that was built with CUDA.
if(ATELIER_WITH_TORCH)
  set(torch_path_file ${CMAKE_SOURCE_DIR}/.deps/torch-path)
  if(DEFINED ENV{ATELIER_TORCH})
    set(ATELIER_TORCH_DIR $ENV{ATELIER_TORCH})
  elseif(EXISTS ${torch_path_file})
    file(STRINGS ${torch_path_file} ATELIER_TORCH_DIR LIMIT_COUNT 1)
  endif()
  get_filename_component(ATELIER_TORCH_DIR "${ATELIER_TORCH_DIR}" ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
  if(NOT EXISTS ${ATELIER_TORCH_DIR}/lib/libtorch_cpu.so)
    message(FATAL_ERROR "libtorch is not in '${ATELIER_TORCH_DIR}': run ./setup, or set ATELIER_TORCH to a libtorch or Python torch folder")
  endif()
  add_library(torch_wheel INTERFACE)
  target_include_directories(torch_wheel SYSTEM INTERFACE
    ${ATELIER_TORCH_DIR}/include ${ATELIER_TORCH_DIR}/include/torch/csrc/api/include)
  target_link_libraries(torch_wheel INTERFACE
    ${ATELIER_TORCH_DIR}/lib/libtorch_cpu.so ${ATELIER_TORCH_DIR}/lib/libc10.so)

  # CUDA's headers, from the wheels beside libtorch's (./setup brings them with NVIDIA's libraries) or from a toolkit; what runs on
  # processors needs none. The folder with crt/ has the others too, but not the other way round.
  find_path(CUDA_HEADERS crt/host_config.h HINTS ${ATELIER_TORCH_DIR}/../nvidia/cu13/include /usr/local/cuda/include)
  if(EXISTS ${CUDA_HEADERS}/cuda_runtime_api.h)
    file(STRINGS ${CUDA_HEADERS}/cuda_runtime_api.h cuda_version REGEX "define CUDART_VERSION +[0-9]+")
    string(REGEX MATCH "[0-9]+" cuda_version "${cuda_version}")
  endif()
  if(cuda_version GREATER_EQUAL 12000 AND EXISTS ${ATELIER_TORCH_DIR}/include/ATen/cuda/CUDAGraph.h)
    add_library(cuda_headers INTERFACE)
    target_include_directories(cuda_headers SYSTEM INTERFACE ${ATELIER_TORCH_DIR}/include ${CUDA_HEADERS})
  else()
    message(STATUS "No headers of CUDA 12 or later: speed.cuda_graphs is not built")
  endif()
endif()
