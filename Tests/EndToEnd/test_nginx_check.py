"""A68: scripts/nginx-check finds nothing in what we ship, and each broken rule in configurations broken on purpose."""
import os, re, shutil, subprocess

import pytest

from lab import HOST, NGINX, ROOT, Lab, programs

CHECK = f"{ROOT}/scripts/nginx-check"


@pytest.fixture(scope="module")
def set_of_files():
    """A rendered set and its nginx.conf; nginx itself is not started."""
    made = Lab()
    os.unlink(f"{made.www}/hls2")
    made.configure()
    yield made
    made.stop()


def check(conf, *words):
    done = subprocess.run([CHECK, *words, conf], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_A68_what_we_ship_is_clean(set_of_files):
    code, said = check(f"{set_of_files.base}/nginx.conf")
    assert (code, "nothing found" in said) == (0, True), said


def test_A68_the_demo_is_clean(set_of_files):
    out = f"{set_of_files.base}/demo"
    subprocess.run([f"{programs()}/reelgate", "nginx", "render",
                    "--demo", "--out", out, "--www", set_of_files.www], env=set_of_files.settings, check=True, capture_output=True)
    code, said = check(f"{out}/vhosts/demo.conf")
    assert code == 0, said


# File below the rendered set (or the main file), what to find, what to put there, the rule that must speak.
BROKEN = [
    ("locations/hls2.conf", r"location \^~ /hls2/", "location /hls2/", "A51"),
    ("locations/api.conf", r"location \^~ /api/", "location /api/", "A51"),
    ("locations/hls2.conf", r"auth_request", "auth_request", None),
    ("locations/older.conf", r"location \^~ /hls/", "location /hls/", "A51"),
    ("locations/older.conf", r"location \^~ /videos-user/", "location /videos-user/", "A51"),
    ("locations/downloads.conf", r"location \^~ /api/download/", "location /api/download/", "A51"),
    ("locations/downloads.conf", r"set \$rg_uri \$uri;", "", "A03"),
    ("locations/cookie.conf", r"set \$rg_args \"\";", "", "A03"),
    ("parts/media.conf", r"satisfy all;", "satisfy any; allow 127.0.0.1;", "A55"),
    ("parts/media.conf", r"disable_symlinks [^;]*;", "", "A63"),
    ("parts/media.conf", r"max_ranges 1;", "", "A36"),
    ("parts/media.conf", r"autoindex off;", "autoindex on;", "A64"),
    ("parts/media.conf", r"open_file_cache off;", "open_file_cache max=100;", "A61"),
    ("parts/media.conf", r"ssi off;", "ssi on;", "A56"),
    ("parts/media.conf", r"mirror off;", "mirror /m;", "A56"),
    ("parts/media.conf", r"error_log ([^;]*) emerg;", r"error_log \1 crit;", "E25"),
    ("parts/media.conf", r"access_log ([^;]*) reelgate;", r"access_log \1 combined;", "E25"),
    ("parts/errors-media.conf", r"error_page 429 [^;]*;", "error_page 500 502 503 504 = @fallback;", "A47"),
    ("parts/errors-media.conf", r"@rg_404;", "/404.html;", "A47"),
    ("locations/refusals.conf", r"location @rg_gate_down \{", "location @rg_gate_down { root /srv;", "A47"),
    ("http/reasons.conf", r"paced   @rg_paced;", "paced /paced.html;", "A47"),
    ("parts/gate-params.conf", r"fastcgi_cache off;", "fastcgi_cache z; fastcgi_cache_key $rg_uri;", "A58"),
    ("locations/gate.conf", r"    internal;\n", "", "A41"),
    ("locations/hls2.conf", r"set \$rg_uri \$uri;", "", "A03"),
    ("locations/hls2.conf", r"(RG_KIND k;\n.*)set \$rg_uri \$uri;(.*RG_KIND l)", r"\1\2", "A03"),
    ("locations/play.conf", r"set \$rg_args \"\";", "", "A03"),
    ("locations/mobile.conf", r"set \$rg_uri \$uri;", "set $rg_uri $request_uri;", "A03"),
    ("locations/hls2.conf", r"alias ([^;]*)/hls/;", r"alias \1/hls;", "A52"),
    ("locations/hls2.conf", r"(media\.conf;)", r"\1 if ($arg_free) { return 200; }", "A53"),
    ("locations/hls2.conf", r"(media\.conf;)", r'\1 location ~ "free" { return 200 "x"; }', "A53"),
    ("locations/hls2.conf", r"(media\.conf;)", r"\1 rewrite ^/hls2/free/(.*)$ /hls2/$1 break;", "A53"),
    ("locations/hls2.conf", r"(media\.conf;)", r"\1 try_files $uri /hls2/x;", "A53"),
    ("server.conf", r"merge_slashes on;", "merge_slashes off;", "A20"),
    ("server.conf", r"log_not_found off;", "", "server.conf"),
    ("server.conf", r"error_page 400 414[^;]*;", "", "server.conf"),
    ("server.conf", r"error_page 400 414 ([^;]*) = /_bad;", r"error_page 400 414 \1 = @rg_404;", "server.conf"),
    ("server.conf", r"if \(\$rg_preflight\) \{[^}]*\}", "", "server.conf"),
    ("server.conf", r"if \(\$rg_stray\) \{[^}]*\}", "", "server.conf"),
    ("server.conf", r"access_log ([^;]*) reelgate;", r"access_log \1;", "E25"),
    ("server.conf", r"merge_slashes on;", "merge_slashes on; set $rg_uri $uri;", "A03"),
    ("server.conf", r"merge_slashes on;", "merge_slashes on; set_real_ip_from 0.0.0.0/0;", "B25"),
    ("server.conf", r"merge_slashes on;", "merge_slashes on; add_header Access-Control-Allow-Origin *;", "B23"),
    ("http/log.conf", r'"u":"\$rg_log_uri"', '"u":"$request_uri"', "E25"),
    ("vhosts/default-server.conf", r"return 444;", "root /srv;", "A70"),
    ("vhosts/default-server.conf", r"error_page 400 404", "error_page 404", "A15"),
    ("main", r"location / \{ error_page", "location ^~ /hls2/public/ { root /srv; } location / { error_page", "A54"),
    ("main", r"location / \{ error_page", "location /old { rewrite ^(.*)$ /x?c=1; set $v $1; } location / { error_page", "A57"),
    ("main", r"location / \{ error_page", "location /files { alias /srv/files/; } location / { error_page", "A52"),
    ("main", r"location / \{ error_page", "location /files/ { alias @DATA@/hls/; } location / { error_page", "A54"),
    ("main", r"location / \{ error_page", "location /files/ { root @DATA@; } location / { error_page", "A54"),
    ("main", r"location / \{ error_page", "location /files/ { root /; } location / { error_page", "A54"),
    ("main", r"location / \{ error_page", "location /x { add_after_body /hls2/a; } location / { error_page", "A56"),
    ("main", r"location / \{ error_page", "location /x { access_log @DATA@/x.log; } location / { error_page", "E25"),
    ("main", r"include [^;]*/server\.conf;", "", "server.conf"),
]


@pytest.mark.parametrize("number", range(len(BROKEN)), ids=[f"{rule}-{file}-{n}" for n, (file, _, _, rule) in enumerate(BROKEN)])
def test_A68_each_broken_rule_is_found(set_of_files, number):
    file, pattern, replacement, rule = BROKEN[number]
    base = set_of_files.base
    copy = f"{base}/copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(set_of_files.conf, copy)
    for directory, _, names in os.walk(copy):
        for name in names:
            edit(f"{directory}/{name}", re.escape(set_of_files.conf + "/"), copy + "/", needed=False)
    for source in ("nginx.conf", "example.conf"):
        shutil.copy(f"{base}/{source}", f"{base}/broken-{source}")
        edit(f"{base}/broken-{source}", re.escape(set_of_files.conf + "/"), copy + "/", needed=False)
    edit(f"{base}/broken-nginx.conf", re.escape(f"{base}/example.conf"), f"{base}/broken-example.conf")
    target = f"{base}/broken-nginx.conf" if file == "main" else f"{copy}/{file}"
    if rule:
        edit(target, pattern, replacement.replace("@DATA@", set_of_files.data))
    if rule == "A58":
        edit(f"{base}/broken-nginx.conf", "access_log off;", f"access_log off; fastcgi_cache_path {base}/z keys_zone=z:1m;")
    if "@fallback" in replacement:
        edit(f"{copy}/locations/refusals.conf", r"\Z", "location @fallback { root /srv; }\n")
    dump = subprocess.run([NGINX, "-T", "-q", "-c", f"{base}/broken-nginx.conf"], capture_output=True, text=True)
    with open(f"{base}/dump", "w") as out:
        out.write(dump.stdout)
    assert dump.stdout, dump.stderr
    code, said = check(f"{base}/dump", "--dump")
    if rule is None:
        assert code == 0, said
    else:
        assert code == 1 and f"[{rule}]" in said, said


def edit(path, pattern, replacement, needed=True):
    with open(path) as file:
        text = file.read()
    changed = re.sub(pattern, replacement if "\\" in replacement else replacement.replace("\\", "\\\\"), text, flags=re.S)
    assert changed != text or not needed, f"{pattern} is not in {path}"
    with open(path, "w") as file:
        file.write(changed)


def test_A54_a_link_in_a_web_root_is_found(set_of_files):
    link = f"{set_of_files.www}/hls2"
    os.symlink(f"{set_of_files.data}/hls", link)
    try:
        code, said = check(f"{set_of_files.base}/nginx.conf")
        assert code == 1 and "[A54]" in said and link in said
    finally:
        os.unlink(link)


def test_what_nginx_refuses_is_2(set_of_files):
    with open(f"{set_of_files.base}/wrong.conf", "w") as file:
        file.write("nonsense;")
    code, said = check(f"{set_of_files.base}/wrong.conf")
    assert code == 2 and "nonsense" in said


def test_a_host_without_ours_is_said(set_of_files):
    path = f"{set_of_files.base}/other.conf"
    with open(path, "w") as file:
        file.write(f"pid {set_of_files.base}/p; events {{}} http {{ server {{ listen 127.0.0.1:9; server_name {HOST}; }} }}")
    code, said = check(path)
    assert code == 1 and "nothing of ours" in said
