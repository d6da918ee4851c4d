#!/usr/bin/env bash
# How long programs take to compile with Shapewright, dfdx, candle and Burn, and how large they are: compile.sh WORKDIR [LIBRARY …]
#
# Each library gets a workspace in WORKDIR with a program for LeNet, one for ResNet-18 and one for a chain of 200 layers, as far as
# it can express them. An edit changes the width of one layer; of three edits the median counts. The figures stay in
# WORKDIR/LIBRARY/times, and `cd WORKDIR; …/compile/table.py LIBRARY …` prints them once more.
set -euo pipefail
here=$(cd "$(dirname "$0")/compile" && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- shapewright dfdx candle burn
unset CARGO_INCREMENTAL CARGO_TARGET_DIR CARGO_BUILD_JOBS RUSTFLAGS RUSTC_WRAPPER "${!CARGO_PROFILE_@}"

declare -A edit=([lenet]='84 85' [resnet18]='1000 1001' [chain200]='77 78')

# The workspace of a library, with the programs that it can express, and without anything built.
generate() {
    rm -rf "${work:?}/$1"
    mkdir -p "$work/$1"
    cd "$work/$1"
    printf '[workspace]\nmembers = ["*"]\nexclude = ["target"]\nresolver = "3"\n' > Cargo.toml
    networks=()
    for network in lenet resnet18 chain200; do
        [ "$network" = chain200 ] || [ -f "$here/$1/$network.rs" ] || continue
        networks+=("$network")
        mkdir -p "$network/src"
        printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2024"\n\n' "$network" > "$network/Cargo.toml"
        sed "s:REPOSITORY:$here/../..:" "$here/$1/Cargo.toml" >> "$network/Cargo.toml"
        if [ "$network" = chain200 ]; then
            python3 "$here/chain.py" "$1" > "$network/src/main.rs"
        else
            cp "$here/$1/$network.rs" "$network/src/main.rs"
        fi
    done
    cargo fetch --quiet
}

# Writes down a figure: note NETWORK WHAT VALUE
note() { echo "$@" | tee -a times; }

# Writes down the seconds that `cargo COMMAND -p NETWORK` takes: timed NETWORK WHAT COMMAND…
timed() {
    local start=$EPOCHREALTIME
    cargo "${@:3}" --quiet -p "$1"
    note "$1" "$2" "$(bc <<< "$EPOCHREALTIME - $start")"
}

# Widens or narrows one layer of a program: a_layer_edited NETWORK
a_layer_edited() {
    local from to
    read -r from to <<< "${edit[$1]}"
    edit[$1]="$to $from"
    sed -i "s/\b$from\b/$to/g" "$1/src/main.rs"
}

for library in "$@"; do
    echo "== $library"
    generate "$library"
    for command in check 'build --release'; do
        what=${command%% *}
        state=clean # the first program brings all dependencies
        for network in "${networks[@]}"; do
            timed "$network" "$what-$state" $command
            state=own
        done
        for network in "${networks[@]}"; do
            for _ in 1 2 3; do
                a_layer_edited "$network"
                timed "$network" "$what-edit" $command
            done
        done
    done
    for network in "${networks[@]}"; do
        strip -o stripped "target/release/$network"
        note "$network" bytes "$(stat -c %s stripped)"
    done
    note all crates "$(cargo tree -p "${networks[0]}" -e normal,build --prefix none | sed 's/ (\*)$//' | sort -u | wc -l)"
done
cd "$work"
rustc --version
python3 "$here/table.py" "$@"
