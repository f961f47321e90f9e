# Sourced by the commands (./test, ./train, ...) from the root of the project, after a cd to it.
root=$PWD

say() {
  printf '%s\n' "$*" >&2
}

fail() {
  say "$@"
  exit 1
}

# explain_build_failure LOG: the usual causes in a sentence, else the log's errors.
explain_build_failure() {
  if grep -q 'needs-an-installed-JDK' "$1"; then
    say 'No JDK 25 was found. Millrace is built and run with JDK 25, whatever JDK runs Maven.'
    say 'Install one (for example Temurin 25) in one of the usual places, or point JAVA_HOME to it,'
    say 'or name it in the toolchains.xml of Maven, and try again.'
  elif grep -qE '(Not formatted|Cannot be formatted):' "$1"; then
    grep -E '(Not formatted|Cannot be formatted):|Run ./format' "$1" >&2
  else
    grep -E 'ERROR|^Caused by' "$1" | head -n 40 >&2 || true
    say "The build failed. Its whole log: $1"
  fi
}

require_maven() {
  command -v mvn > /dev/null || fail 'Maven (mvn) was not found. Install it, for example Debian package maven.'
}

# check_house: ends with a sentence where no JDK 25 is installed or a Java file is not formatted.
check_house() {
  mkdir -p target
  if ! mvn -B -ntp -q -N verify > target/house.log 2>&1; then
    explain_build_failure "$root/target/house.log"
    exit 1
  fi
}

# launch MODULE FOLDER CLASS ARGUMENT...: runs a main class of a module in FOLDER, the user's, so
# that relative paths among the arguments mean what they say. Builds first if a source has changed.
launch() {
  local module=$1 user_folder=$2 main_class=$3 launcher=$root/$1/target/launch
  shift 3
  if ! is_built "$module" "$launcher"; then
    build "$module" "$launcher"
  fi
  cd "$user_folder"
  exec "$(< "$launcher/java-home")/bin/java" "@$launcher/arguments" "$main_class" "$@"
}

is_built() {
  local module=$1 launcher=$2 used modules=(core backend-{cpu,opencl} "$1")
  [ "$module" = benchmarks ] || modules+=(backend-cuda)
  [ "$module" != device-check ] || modules+=(examples)
  [ -f "$launcher/arguments" ] && [ -x "$(< "$launcher/java-home")/bin/java" ] || return 1
  for used in "${modules[@]}"; do
    [ ! -d "$used/src/main/java" ] || [ -d "$used/target/classes" ] || return 1
  done
  # Folders count too: a deleted file changes its folder's time.
  [ -z "$(find pom.xml .build "${modules[@]/%//pom.xml}" "${modules[@]/%//src/main}" \
    $([ "$module" != device-check ] || echo core/src/test) \
    -newer "$launcher/arguments" -print -quit 2> /dev/null)" ]
}

build() {
  local module=$1 launcher=$2 log=$root/target/launch.log profiles=launch started
  local goal=(process-classes)
  # Its tests use tests of other modules, which Maven looks for even if it runs none.
  [ "$module" != examples ] || goal=(test-compile)
  [ "$module" != benchmarks ] || profiles=launch,benchmarks
  # The conformance kit is the tests of another module, and exists as a jar only.
  [ "$module" != device-check ] || goal=(-DskipTests package)
  require_maven
  say 'Building (the first run, or a source has changed) ...'
  mkdir -p target
  started=$(mktemp)
  rm -f "$launcher/arguments"
  if ! mvn -B -ntp -q "-P$profiles" -pl "$module" -am "${goal[@]}" > "$log" 2>&1; then
    rm -f "$started"
    explain_build_failure "$log"
    exit 1
  fi
  touch -r "$started" "$launcher/arguments"
  rm -f "$started"
}
