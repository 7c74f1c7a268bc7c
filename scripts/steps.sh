# What ./quickstart and ./test share: saying what is done and how long it took, setting up and building.

say() { printf '\n== %s\n' "$*"; }

# step TITLE COMMAND...: runs the command, says what it is and how long it took.
step() {
  local title=$1 start=$SECONDS
  shift
  say "$title"
  if ! "$@"; then
    say "$title: failed"
    return 1
  fi
  echo "-- $((SECONDS - start)) s"
}

configure_and_build() {
  [ -e build/release/build.ninja ] || cmake --preset release >/dev/null
  # Two compilers at a time at most for each 4 GB: libtorch's headers take over 1 GB each.
  local gigabytes jobs
  gigabytes=$(awk '/MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  jobs=$(nproc)
  [ "$jobs" -le $((gigabytes / 2 + 1)) ] || jobs=$((gigabytes / 2 + 1))
  cmake --build build/release -j"$jobs" --target "$@"
}

check_format() {
  git ls-files '*.h' '*.cpp' | xargs clang-format --dry-run --Werror
}

# prepare_and_build TARGET...
prepare_and_build() {
  step "Setting up (a minute the first time)" ./setup
  step "Building (some minutes the first time)" configure_and_build "$@"
}
