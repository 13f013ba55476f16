#!/usr/bin/env bash
# Runs Apache Kafka on this machine, for tests and for trying things out: no container, no root, no
# packaged broker, only a JRE (17 or newer) and, once, Maven to fetch the jars. Linux only.
#
#   deploy/kafka-local.sh COMMAND [ARGUMENTS]
#
#   fetch            download the jars from Maven Central (done by `start` where needed)
#   start [N]        bring up the cluster, or its node N; returns once clients are served
#   stop [N]         shut down in good order
#   kill9 [N]        crash: SIGKILL, no goodbye
#   restart [N]      stop, then start over the same data
#   pause [N]        freeze the process: connections stay open, nothing is answered
#   resume [N]       thaw it
#   wipe             kill what runs and delete the cluster's data
#   status           a line per node; exit code 1 unless all of them run
#   bootstrap        the value for bootstrap.servers
#   topics ARGS      Kafka's topic tool, connected        (topics --list)
#   groups ARGS      Kafka's consumer group tool, connected
#   tool CLASS ARGS  any other class of the distribution  (tool org.apache.kafka.tools.GetOffsetShell …)
#
# Environment:
#   PORT=9092        node N serves clients on PORT+N-1 and its peers on PORT+1000+N-1
#   NODES=1          cluster size: 1, or 3 with every topic replicated
#   DATA=.kafka      folder of the cluster: data, configuration, logs, pids. One folder, one cluster
#   HEAP=512m        heap of each node's JVM
#   EXTRA_CONFIG=    further lines of server.properties, re-read at every start
#   PROXY_PORT=      offer a further listener on PORT+500+N-1, advertised as PROXY_PORT+N-1, so that a
#                    client which bootstraps from PROXY_PORT stays behind a fault injector listening there
#   OWNER_PID=       tie the cluster to that process: when it is gone, however it ended, the nodes are
#                    killed and the data is deleted. For test suites, which may die before they clean up
#   KAFKA_VERSION=4.2.2, KAFKA_JARS=   what is run, and the folder that holds it
#
# All listeners are on 127.0.0.1. Only processes that this script started over DATA are ever signalled.

# Lists of node numbers are meant to be split into words:
# shellcheck disable=SC2046
set -euo pipefail

: "${PORT:=9092}" "${NODES:=1}" "${DATA:=.kafka}" "${HEAP:=512m}" "${EXTRA_CONFIG:=}" "${PROXY_PORT:=}"
: "${OWNER_PID:=}" "${KAFKA_VERSION:=4.2.2}"
: "${KAFKA_JARS:=${XDG_CACHE_HOME:-$HOME/.cache}/copydesk/kafka-$KAFKA_VERSION}"
SELF=$(readlink -f "${BASH_SOURCE[0]}")
DATA=$(realpath -m -- "$DATA")
export PORT NODES DATA # for the guard, which is this script again
READY_SECONDS=90
STOP_SECONDS=40

note() { echo "kafka-local: $*" >&2; }
fail() { note "$*"; exit 1; }
need() { command -v "$1" >/dev/null || fail "'$1' is missing (Debian: apt-get install $2)"; }

all_nodes() { seq 1 "$NODES"; }
chosen() { if [ -n "${1-}" ]; then echo "$1"; else all_nodes; fi; }
client_port() { echo $((PORT + $1 - 1)); }

bootstrap() {
    local servers=() n
    for n in $(all_nodes); do servers+=("127.0.0.1:$(client_port "$n")"); done
    (IFS=,; echo "${servers[*]}")
}

# --- jars -------------------------------------------------------------------------------------------

# slf4j 1.7 is what Kafka logs through, hence log4j-slf4j-impl and not its successor for slf4j 2.
pom() {
    local log4j=2.25.1
    dependency() {
        echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version>${4-}</dependency>"
    }
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>copydesk</groupId><artifactId>kafka-local</artifactId><version>1</version><dependencies>'
    dependency org.apache.kafka kafka_2.13 "$KAFKA_VERSION"
    dependency org.apache.kafka kafka-tools "$KAFKA_VERSION" '<exclusions><exclusion>
        <groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId></exclusion></exclusions>'
    dependency org.apache.logging.log4j log4j-slf4j-impl "$log4j"
    dependency org.apache.logging.log4j log4j-core "$log4j"
    echo '</dependencies></project>'
}

# The jars are gathered beside their final place and moved there in one step, under a lock: test binaries
# may ask for them at the same time, and an interrupted download must not look like a whole one.
fetch() {
    if [ -d "$KAFKA_JARS" ]; then note "Kafka $KAFKA_VERSION is in $KAFKA_JARS"; return; fi
    need mvn maven
    mkdir -p "$(dirname "$KAFKA_JARS")"
    (
        flock 9
        [ ! -d "$KAFKA_JARS" ] || exit 0
        note "fetching Kafka $KAFKA_VERSION (45 MB) from Maven Central"
        work=$(mktemp -d "$KAFKA_JARS.part-XXXXXX")
        trap 'rm -rf "$work"' EXIT
        pom >"$work/pom.xml"
        mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies \
            -DincludeScope=runtime -DoutputDirectory="$work/jars" >&2 || exit 1
        mv "$work/jars" "$KAFKA_JARS"
    ) 9>"$KAFKA_JARS.lock" || fail "the jars could not be fetched"
    note "$(find "$KAFKA_JARS" -name '*.jar' | wc -l) jars in $KAFKA_JARS"
}

# --- processes --------------------------------------------------------------------------------------

# A pid file outlives its process, and the number may be in use again by a stranger. So a pid counts only
# while its command line names our file.
running() { # PID_FILE TEXT_IN_COMMAND_LINE
    local pid
    read -r pid 2>/dev/null <"$1" || return 1
    [ -n "$pid" ] && tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF -- "$2" || return 1
    echo "$pid"
}
node_pid() { running "$DATA/node$1.pid" "$DATA/node$1.properties"; }

signal() { # SIGNAL NODES...
    local how=$1 n pid
    shift
    for n in "$@"; do
        if pid=$(node_pid "$n"); then kill -s "$how" "$pid" 2>/dev/null || true; else note "node $n does not run"; fi
    done
}

end() { # SIGNAL NODES...: signals, and returns when the processes are gone
    signal "$@"
    shift
    local n pid deadline=$((SECONDS + STOP_SECONDS))
    for n in "$@"; do
        while pid=$(node_pid "$n"); do
            if ((SECONDS >= deadline)); then
                note "node $n ignored the request for ${STOP_SECONDS} s and is killed"
                kill -s KILL "$pid" 2>/dev/null || true
                deadline=$((SECONDS + STOP_SECONDS))
            fi
            sleep 0.05
        done
        rm -f "$DATA/node$n.pid"
    done
}

# --- configuration ----------------------------------------------------------------------------------

configure() { # NODE
    local n=$1 i voters=() copies=1 in_sync=1 extra_listener="" extra_advertised=""
    if ((NODES > 1)); then copies=3 in_sync=2; fi
    for i in $(all_nodes); do voters+=("$i@127.0.0.1:$((PORT + 1000 + i - 1))"); done
    if [ -n "$PROXY_PORT" ]; then
        extra_listener=",PROXIED://127.0.0.1:$((PORT + 500 + n - 1))"
        extra_advertised=",PROXIED://127.0.0.1:$((PROXY_PORT + n - 1))"
    fi
    cat >"$DATA/node$n.properties" <<CONF
node.id=$n
process.roles=broker,controller
controller.quorum.voters=$(IFS=,; echo "${voters[*]}")
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT
listeners=CLIENT://127.0.0.1:$(client_port "$n"),CONTROLLER://127.0.0.1:$((PORT + 1000 + n - 1))$extra_listener
advertised.listeners=CLIENT://127.0.0.1:$(client_port "$n")$extra_advertised
log.dirs=$DATA/node$n
# A mistyped topic is an error in a test, not a new topic.
auto.create.topics.enable=false
num.partitions=4
default.replication.factor=$copies
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$copies
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$in_sync
# Internal topics of 50 partitions cost seconds at every start.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=4
# Raw pages are larger than the 1 MiB that Kafka allows by default.
message.max.bytes=16777216
replica.fetch.max.bytes=16777216
# Groups form, and the open transactions of dead producers end, as fast as the clients' own settings allow.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
num.network.threads=2
num.io.threads=4
$EXTRA_CONFIG
CONF
}

logging() {
    local level file
    for level in INFO ERROR; do
        file="$DATA/log4j2-${level,,}.properties"
        printf '%s\n' "rootLogger.level=$level" 'rootLogger.appenderRef.stdout.ref=stdout' \
            'appender.stdout.type=Console' 'appender.stdout.name=stdout' \
            'appender.stdout.layout.type=PatternLayout' \
            'appender.stdout.layout.pattern=%d{ISO8601} %-5p %c{1}: %m%n' >"$file"
    done
}

short_java() { # for programs that end within seconds: no time for an optimising compiler
    java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Djava.io.tmpdir="$DATA/tmp" \
        -Dlog4j2.configurationFile="$DATA/log4j2-error.properties" -cp "$KAFKA_JARS/*" "$@"
}

format() { # NODE: once in a node's life
    local n=$1 id
    [ ! -f "$DATA/node$n/meta.properties" ] || return 0
    if [ ! -s "$DATA/cluster.id" ]; then
        # 16 random bytes in URL-safe base64, which is what Kafka's own generator prints. It avoids a leading
        # '-', which a command line takes for an option.
        id=$(head -c 16 /dev/urandom | base64 | tr '+/' '_a' | cut -c 1-22)
        echo "$id" >"$DATA/cluster.id"
    fi
    short_java kafka.tools.StorageTool format --cluster-id "$(<"$DATA/cluster.id")" \
        --config "$DATA/node$n.properties" >"$DATA/format$n.log" 2>&1 ||
        fail "node $n could not be formatted, see $DATA/format$n.log"
}

# --- commands ---------------------------------------------------------------------------------------

launch() { # NODE
    local n=$1
    configure "$n"
    format "$n"
    setsid java -Xms"$HEAP" -Xmx"$HEAP" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
        -XX:-UsePerfData -Djava.io.tmpdir="$DATA/tmp" -Dlog4j2.configurationFile="$DATA/log4j2-info.properties" \
        -cp "$KAFKA_JARS/*" kafka.Kafka "$DATA/node$n.properties" \
        </dev/null >>"$DATA/node$n.log" 2>&1 &
    echo $! >"$DATA/node$n.pid"
}

await() { # NODE LOG_LENGTH_BEFORE: ready is when this start, not an earlier one, has logged that it is
    local n=$1 deadline=$((SECONDS + READY_SECONDS))
    until tail -c +"$(($2 + 1))" "$DATA/node$n.log" | grep -q 'Kafka Server started'; do
        node_pid "$n" >/dev/null || { tail -n 5 "$DATA/node$n.log" >&2; fail "node $n ended, see $DATA/node$n.log"; }
        ((SECONDS < deadline)) || fail "node $n was not ready in $READY_SECONDS s, see $DATA/node$n.log"
        sleep 0.05
    done
}

start() {
    need java default-jre-headless
    [ -d "$KAFKA_JARS" ] || fetch
    mkdir -p "$DATA/tmp" # Kafka unpacks libraries there, and leaves them when it is killed
    logging
    local n started=() length=()
    # All are launched before any is awaited: a quorum serves nobody until most of it is there.
    for n in $(chosen "${1-}"); do
        if node_pid "$n" >/dev/null; then note "node $n runs already"; continue; fi
        touch "$DATA/node$n.log"
        length[n]=$(stat -c %s "$DATA/node$n.log")
        launch "$n"
        started+=("$n")
    done
    if [ -n "$OWNER_PID" ] && ! running "$DATA/guard.pid" "$DATA" >/dev/null; then
        setsid bash "$SELF" guard "$OWNER_PID" "$DATA" </dev/null >/dev/null 2>&1 &
        echo $! >"$DATA/guard.pid"
    fi
    for n in "${started[@]}"; do await "$n" "${length[n]}"; done
    note "serving on $(bootstrap)"
}

# Field 22 of /proc/PID/stat, counted behind the command's name, which may hold spaces: with the pid it
# names one process for good.
birth() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

guard() { # OWNER_PID: internal, started by `start`
    local born
    born=$(birth "$1")
    while [ -n "$born" ] && [ "$(birth "$1")" = "$born" ]; do sleep 0.5; done
    wipe
}

wipe() {
    local n
    for n in $(all_nodes); do
        if node_pid "$n" >/dev/null; then end KILL "$n"; fi
    done
    for n in $(all_nodes); do
        rm -rf "$DATA/node$n" "$DATA/node$n".{properties,log,pid} "$DATA/format$n.log"
    done
    rm -f "$DATA"/log4j2-{info,error}.properties "$DATA/cluster.id" "$DATA/guard.pid"
    rm -rf "$DATA/tmp"
    rmdir "$DATA" 2>/dev/null || true
}

status() {
    local n pid code=0
    for n in $(all_nodes); do
        if pid=$(node_pid "$n"); then
            echo "node $n  up    127.0.0.1:$(client_port "$n")  pid $pid  $(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status") MiB"
        else
            echo "node $n  down"
            code=1
        fi
    done
    return $code
}

tool() {
    [ -d "$DATA" ] || fail "no cluster in $DATA"
    short_java "$@"
}

command=${1-}
[ $# -eq 0 ] || shift
case $command in
    fetch | start | wipe | status | bootstrap | tool | guard) "$command" "$@" ;;
    stop) end TERM $(chosen "$@") ;;
    kill9) end KILL $(chosen "$@") ;;
    pause) signal STOP $(chosen "$@") ;;
    resume) signal CONT $(chosen "$@") ;;
    restart) end TERM $(chosen "$@"); start "$@" ;;
    topics) tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$(bootstrap)" "$@" ;;
    groups) tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$(bootstrap)" "$@" ;;
    *) sed -n '2,/^$/{/^$/d; s/^# \{0,1\}//; p}' "$SELF" >&2; exit 2 ;;
esac
