# What scripts/demo does, step by step. Everything it makes lies below $data; it listens on loopback only.
# shellcheck shell=bash

port=${REELGATE_PORT:-8080}
data=${REELGATE_DATA:-$PWD/.reelgate}
case $data in /*) ;; *) data=$PWD/$data ;; esac
run=$data/run
logs=$data/logs
programs=$repository/.build/release
export PATH=$PATH:/usr/sbin:/sbin
# A socket's path ends at 107 bytes.
[ ${#run} -le 88 ] || die "REELGATE_DATA is too long: sockets below it need a path of at most 107 bytes"

postgres_bin=/usr/lib/postgresql/15/bin

# PostgreSQL refuses to run as root. Root gives it the right to pass through directories that only root may enter.
as_postgres() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=+dac_read_search \
        --ambient-caps=+dac_read_search -- "$@"
}

# Settings that come from the environment when they are there, else from $data/secrets or a default.
secret() (
    umask 077
    local name=$1 file=$data/secrets/$1
    if [ -n "${!name:-}" ]; then printf '%s' "${!name}" >"$file"; fi
    local other=${name}_FILE
    if [ -n "${!other:-}" ]; then cat "${!other}" >"$file"; fi
    [ -s "$file" ] || printf '%s' "$2" >"$file"
    chmod 600 "$file"
    cat "$file"
)
random_hex() { od -An -tx1 -N32 /dev/urandom | tr -d ' \n'; }

prepare_directories() {
    umask 077
    mkdir -p "$data"/{secrets,data,logs,nginx,www} "$run"
    mkdir -p "$data"/data/{uploads/.incoming,originals,hls,presentation_videos,work,tmp}
    chmod 755 "$run"
    umask 022
}

# The environment of every program of ours, as NAME=value; secrets by the name of their file.
settings=()
passed_on="TOKEN_EXPIRY TOKEN_MAX_TTL STREAM_WINDOW PACING_BURST PACING_RATE PACING_REFUSALS PACING_REVOKE
    RATE_ANONYMOUS RATE_KEY RATE_ACCOUNT RATE_TOKENS RATE_SIGN_INS RATE_ALL_SIGN_INS RATE_REGISTRATIONS RATE_FAILED_SIGN_INS
    REGISTRATION SMTP_URL SMTP_USER SMTP_PASSWORD_FILE SMTP_CA_FILE SMTP_PLAINTEXT SIGNING_KEYS_FILE COOKIE_CROSS_SITE LEGACY_STATUS TRASH_DAYS
    ALLOWED_REFERRERS MOBILE_REFERRERS DOWNLOAD_TOKEN_REQUIRE_FILENAME MAX_CONTENT_LENGTH TUS_MAX_SIZE PACKAGING ORIGINALS
    CALLBACK_ALLOW_PRIVATE GEOIP_FILE GATE_PROCESSES API_PROCESSES UPLOAD_PROCESSES WORKER_PROCESSES DRAIN_SECONDS
    MAX_REQUESTS GATE_SECONDS API_SECONDS LADDER PER_TITLE LOUDNESS HALVE_FRAME_RATE ENCODER_THREADS ENCODER_NICE ENCODER_IO_CLASS
    HELPER_MEMORY DISK_RESERVE SANDBOX STREAM_LIMIT STREAM_POLICY DEVICE_DAYS
    STREAM_LIMIT_FREE STREAM_LIMIT_PREMIUM STREAM_LIMIT_FAMILY
    FIREBASE_PROJECT_ID FIREBASE_CERTS_URL SWAGGER_UI_DIR"
collect_settings() {
    base_url=${PUBLIC_BASE_URL:-http://127.0.0.1:$port}
    allowed_origins=${ALLOWED_ORIGINS:-${FOCUST_ALLOWED_ORIGINS:-http://127.0.0.1:$port,http://localhost:$port}}
    database_url=$(secret DATABASE_URL "postgresql:///reelgate?host=$run&user=reelgate")
    secret SECRET_KEY "$(random_hex)" >/dev/null
    secret JWT_SECRET "$(random_hex)" >/dev/null
    secret MEDIA_MASTER_KEY "1:$(random_hex)" >/dev/null
    secret CALLBACK_SECRET "$(random_hex)" >/dev/null
    secret CALLBACK_BEARER "$(random_hex)" >/dev/null
    secret ADMIN_PASSWORD "$(random_hex | cut -c1-24)" >/dev/null
    settings=("PATH=$PATH" "HOME=${HOME:-/}" "LANG=C.UTF-8" "DATA_DIR=$data/data" "RUN_DIR=$run"
        "PUBLIC_BASE_URL=$base_url" "ALLOWED_ORIGINS=$allowed_origins"
        "MAIL_FROM=${MAIL_FROM:-no-reply@reelgate.example}")
    # Mail goes into a directory unless a server is named.
    [ -n "${SMTP_URL:-}" ] || settings+=("MAIL_FILE_DIR=${MAIL_FILE_DIR:-$data/mail}")
    local name
    for name in DATABASE_URL SECRET_KEY JWT_SECRET MEDIA_MASTER_KEY CALLBACK_SECRET CALLBACK_BEARER; do
        settings+=("${name}_FILE=$data/secrets/$name")
    done
    for name in $passed_on; do [ -z "${!name:-}" ] || settings+=("$name=${!name}"); done
}
reelgate() { env -i "${settings[@]}" "$programs/reelgate" "$@"; }

own_database() { [ "$(cat "$data/secrets/DATABASE_URL" 2>/dev/null)" = "postgresql:///reelgate?host=$run&user=reelgate" ]; }
database_runs() { as_postgres "$postgres_bin/pg_ctl" -D "$data/pg" status >/dev/null 2>&1; }
database_answers() { pg_isready -q -h "$run/pg" -d postgres; }
start_database() {
    own_database || return 0
    if [ ! -e "$data/pg/PG_VERSION" ]; then
        say "making a private PostgreSQL in $data/pg"
        rm -rf "$data/pg"
        mkdir -m 700 "$data/pg"
        [ "$(id -u)" != 0 ] || chown postgres: "$data/pg"
        as_postgres "$postgres_bin/initdb" -D "$data/pg" -U reelgate --auth=trust -E UTF8 --locale=C.UTF-8 \
            >"$logs/initdb.log" 2>&1 || { tail -n 5 "$logs/initdb.log" >&2; die "initdb failed"; }
    fi
    # One that was killed counts as running until it is reaped; one that recovers answers soon.
    local waited=0
    until database_answers || ! database_runs || [ $waited = 100 ]; do
        waited=$((waited + 1))
        sleep 0.1
    done
    if ! database_answers; then
        say "starting PostgreSQL"
        mkdir -p "$run/pg"
        [ "$(id -u)" != 0 ] || chown postgres: "$run/pg" "$data/pg"
        (cd / && as_postgres "$postgres_bin/pg_ctl" -D "$data/pg" -s -w -t 60 -l "$data/pg/server.log" \
            -o "-c listen_addresses='' -c unix_socket_directories='$run/pg' -c max_connections=200" start) ||
            { tail -n 5 "$data/pg/server.log" >&2; die "PostgreSQL did not start"; }
        ln -sf pg/.s.PGSQL.5432 "$run/.s.PGSQL.5432"
    fi
    psql -qAt "host=$run user=reelgate dbname=postgres" -c "select 1 from pg_database where datname = 'reelgate'" |
        grep -q 1 || psql -q "host=$run user=reelgate dbname=postgres" -c 'create database reelgate'
}

start_pages() {
    rm -rf "$data/www"
    cp -R "$repository/nginx/www" "$data/www"
    mkdir -p "$data/www/vendor"
    local player
    player=$(fetch_hls_js) || exit 1
    cp "$player" "$data/www/vendor/hls.js"
    if [ -z "${SWAGGER_UI_DIR:-}" ]; then SWAGGER_UI_DIR=$(fetch_swagger_ui) || exit 1; fi
    settings+=("SWAGGER_UI_DIR=$SWAGGER_UI_DIR")
}

# process_of FILE NAME: the process whose number FILE holds, if it lives (a killed one stays as a zombie until it is
# reaped) and is still the program NAME.
process_of() {
    local pid; pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] &&
        lives "$pid" && echo "$pid"
}
lives() { grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$1/status"; }
nginx_pid() { process_of "$run/nginx.pid" nginx; }
start_nginx() {
    reelgate nginx render --demo --port "$port" --from "$repository/nginx" --www "$data/www" --logs "$logs" \
        --out "$data/nginx" >"$logs/render.log" 2>&1 || { cat "$logs/render.log" >&2; die "nginx was not configured"; }
    if nginx_pid >/dev/null; then
        kill -HUP "$(nginx_pid)"
    else
        say "starting nginx on 127.0.0.1:$port"
        nginx -c "$data/nginx/vhosts/demo.conf" -p "$data" 2>"$logs/nginx.start.log" ||
            { cat "$logs/nginx.start.log" >&2; die "nginx did not start"; }
    fi
}

pool_pid() { process_of "$run/pool.pid" reelgate-pool; }
start_pool() {
    if pool_pid >/dev/null; then
        say "the pool runs: rolling it"
        kill -HUP "$(pool_pid)"
    else
        say "starting the pool"
        (cd / && exec setsid env -i "${settings[@]}" "$programs/reelgate" serve) >>"$logs/pool.log" 2>&1 </dev/null &
        disown
    fi
    local tries=0
    until curl -fsS -m 2 -o "$run/health" "http://127.0.0.1:$port/health" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 150 ] || { tail -n 10 "$logs/pool.log" >&2; cat "$run/health" >&2 2>/dev/null; die "the pool is not healthy"; }
        sleep 0.2
    done
}

make_credentials() {
    local key=$data/secrets/API_KEY
    if [ ! -s "$key" ] || ! reelgate keys list | grep "$(cut -d_ -f2 "$key")" >/dev/null; then
        say "making an API key and an administrator"
        (umask 077 && reelgate keys add --name demo --scopes upload,tokens,catalog,admin >"$key.new" 2>"$logs/keys.log") ||
            { cat "$logs/keys.log" >&2; die "no API key was made"; }
        grep -oE 'rgk_[a-z0-9]{12}_[A-Za-z0-9_-]{43}' "$key.new" | head -n 1 >"$key"
        rm -f "$key.new"
        [ -s "$key" ] || die "no API key was made"
        chmod 600 "$key"
    fi
    reelgate users add --email "$admin_email" --name Administrator --role admin --if-missing \
        --password-file "$data/secrets/ADMIN_PASSWORD" >/dev/null || die "no administrator was made"
}
admin_email=admin@reelgate.example

# seed_catalogue REL…: the demo's titles, people and history; titles play the lessons named, in turn.
seed_catalogue() {
    reelgate seed demo --passwords "$data/secrets/DEMO_PEOPLE" --posters "$data/www/posters" "$@" >"$logs/seed.log" 2>&1 ||
        { cat "$logs/seed.log" >&2; die "the demo's catalogue was not made"; }
    reelgate recommendations rebuild >>"$logs/seed.log" 2>&1 ||
        { cat "$logs/seed.log" >&2; die "recommendations were not made"; }
    say "$(head -n 1 "$logs/seed.log")"
}

write_env() {
    umask 077
    cat >"$data/demo.env.new" <<END
BASE_URL='$base_url'
API_KEY='$(cat "$data/secrets/API_KEY")'
ADMIN_EMAIL='$admin_email'
ADMIN_PASSWORD='$(cat "$data/secrets/ADMIN_PASSWORD")'
DATABASE_URL='$database_url'
SECRET_KEY='$(cat "$data/secrets/SECRET_KEY")'
JWT_SECRET='$(cat "$data/secrets/JWT_SECRET")'
ALLOWED_ORIGIN='${allowed_origins%%,*}'
END
    mv "$data/demo.env.new" "$data/demo.env"
    umask 022
}

stop_pid() {
    local name=$1 pid=$2 signal=$3 seconds=$4 tries=0
    say "stopping $name"
    kill -s "$signal" "$pid" 2>/dev/null
    while lives "$pid"; do
        tries=$((tries + 1))
        if [ $tries -gt $((seconds * 10)) ]; then kill -KILL "$pid" 2>/dev/null; return; fi
        sleep 0.1
    done
}
stop_all() {
    local pid
    pid=$(pool_pid) && stop_pid "the pool" "$pid" TERM 40
    pid=$(nginx_pid) && stop_pid nginx "$pid" QUIT 10
    if [ -e "$data/pg/postmaster.pid" ] && database_runs; then
        say "stopping PostgreSQL"
        (cd / && as_postgres "$postgres_bin/pg_ctl" -D "$data/pg" -s -m fast -w stop)
    fi
    return 0
}
