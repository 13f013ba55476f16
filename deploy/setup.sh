#!/usr/bin/env bash
# Makes sure that this machine has what copydesk's targets need, and installs only what is missing.
#
#   deploy/setup.sh build   a C and C++ toolchain, for librdkafka, zlib and zstd, which are built from source
#   deploy/setup.sh image   the same with Perl's modules, for the OpenSSL of the container image
#   deploy/setup.sh test    the same as `build`, with what `make test` needs: a JRE and Maven for a real
#                           Kafka, kcat to look into it, a Prometheus, rustfmt, clippy and cargo-deny
#   deploy/setup.sh faults  the same as `test`, with Go for the fault injector of `make test-faults`
#   deploy/setup.sh fuzz    the same as `build`, with a nightly compiler and cargo-fuzz
#   deploy/setup.sh bench   the same as `test`, with the Python libraries that `make bench-e2e`,
#                           `make bench-extract` and `make bench-crawl` compare with, in target/bench-venv
#
# System packages come by apt-get, as root or through sudo. Elsewhere, or without either, the script names
# what is missing and fails.
set -euo pipefail

CARGO=${CARGO:-cargo}
# The version that deny.toml is written for, and that is installed where there is none.
CARGO_DENY=0.20.2
CARGO_FUZZ=0.13.2

say() { echo "    $*"; }
missing=() # Debian packages
wants() { # COMMAND PACKAGE
    if ! command -v "$1" >/dev/null; then
        say "$1 is missing: package $2"
        case " ${missing[*]-} " in *" $2 "*) ;; *) missing+=("$2") ;; esac
    fi
}

toolchain() {
    # librdkafka's configure script and its libraries want cc, c++ and make.
    wants cc build-essential
    wants c++ build-essential
    wants make build-essential
}

install_missing() {
    if [ ${#missing[@]} -eq 0 ]; then
        say "system packages: nothing is missing"
        return
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
    if ! command -v apt-get >/dev/null || { [ ${#as_root[@]} -gt 0 ] && ! command -v sudo >/dev/null; }; then
        echo "setup: install these first (names of Debian's packages): ${missing[*]}" >&2
        exit 1
    fi
    say "apt-get install ${missing[*]}"
    "${as_root[@]}" apt-get -qq update >/dev/null
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends "${missing[@]}" >/dev/null
}

# Debian's package starts a Prometheus on port 9090, where services are started at all. The tests need only its programs.
prometheus_programs_only() {
    case " ${missing[*]-} " in *" prometheus "*) ;; *) return 0 ;; esac
    if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
        say "systemctl disable --now prometheus: only its programs are needed"
        if [ "$(id -u)" -ne 0 ]; then sudo systemctl --quiet disable --now prometheus
        else systemctl --quiet disable --now prometheus; fi
    fi
}

rust() {
    if ! command -v "$CARGO" >/dev/null; then
        echo "setup: cargo is missing: install Rust by rustup; Cargo.toml (rust-version) says which is the oldest" >&2
        exit 1
    fi
    say "$("$CARGO" --version)"
}

component() { # NAME CARGO_SUBCOMMAND
    if "$CARGO" "$2" --version >/dev/null 2>&1; then
        say "$("$CARGO" "$2" --version)"
    elif command -v rustup >/dev/null; then
        say "rustup component add $1"
        rustup component add "$1"
    else
        echo "setup: $1 is missing, and there is no rustup to add it" >&2
        exit 1
    fi
}

cargo_deny() {
    if "$CARGO" deny --version >/dev/null 2>&1; then
        say "$("$CARGO" deny --version)"
        return
    fi
    # Unoptimised: it runs for two seconds, and an optimised build takes several times as long to compile.
    say "cargo install cargo-deny $CARGO_DENY (two minutes or so)"
    CARGO_PROFILE_DEV_DEBUG=false "$CARGO" install cargo-deny --version "$CARGO_DENY" --locked --debug --quiet
}

# Coverage wants flags that only a nightly compiler takes.
cargo_fuzz() {
    if ! "$CARGO" +nightly --version >/dev/null 2>&1; then
        if ! command -v rustup >/dev/null; then
            echo "setup: a nightly compiler is missing, and there is no rustup to install it" >&2
            exit 1
        fi
        say "rustup toolchain install nightly"
        rustup toolchain install nightly --profile minimal
    fi
    say "$("$CARGO" +nightly --version)"
    if ! "$CARGO" fuzz --version >/dev/null 2>&1; then
        say "cargo install cargo-fuzz $CARGO_FUZZ (a minute or so)"
        CARGO_PROFILE_DEV_DEBUG=false "$CARGO" install cargo-fuzz --version "$CARGO_FUZZ" --locked --debug --quiet
    fi
    say "$("$CARGO" fuzz --version)"
}

# Python wants its own folder: a system's packages are not ours to add to.
python_service() {
    local root venv
    root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
    venv=$root/target/bench-venv
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    say "pip install -r benches/peers/requirements.txt, into target/bench-venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$root/benches/peers/requirements.txt"
}

case ${1-} in
    build)
        toolchain
        install_missing
        rust
        ;;
    image)
        toolchain
        perl -MIPC::Cmd -MFindBin -MFile::Compare -e 1 2>/dev/null || missing+=(perl)
        install_missing
        rust
        ;;
    fuzz)
        toolchain
        install_missing
        rust
        cargo_fuzz
        ;;
    test | faults | bench)
        toolchain
        if [ "$1" = faults ]; then wants go golang; fi
        if [ "$1" = bench ] && ! python3 -c 'import venv, ensurepip' 2>/dev/null; then missing+=(python3-venv); fi
        wants java default-jre-headless
        wants mvn maven
        wants kcat kcat
        wants promtool prometheus
        install_missing
        prometheus_programs_only
        rust
        component rustfmt fmt
        component clippy clippy
        cargo_deny
        if [ "$1" = bench ]; then python_service; fi
        ;;
    *)
        sed -n '2,/^set -/{/^set -/d; s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
esac
