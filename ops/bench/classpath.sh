# shellcheck shell=bash
# Builds what the benchmarks need, if anything is newer than what was built, and prints its class path.
#   bench_classpath ROOT
bench_classpath() {
    local root=$1 paths="$1/ops/target/test.classpath"
    if [ ! -e "$paths" ] || [ -n "$(find "$root/pom.xml" "$root"/*/pom.xml "$root/ops/kafka/pom.xml" "$root"/*/src \
        -newer "$paths" -type f -print -quit)" ]; then
        echo "building qedstore" >&2
        (cd "$root" && mvn -B -q -DskipTests -pl ops -am package dependency:build-classpath \
            -Dmdep.outputFile=target/test.classpath) >&2
        touch "$paths"
    fi
    echo "$root/ops/target/test-classes:$root/ops/target/classes:$(cat "$paths")"
}
