<?php
// The question "may this viewer have this file, now?" as a site in PHP answers it: an HS256 JWT for the lesson asked for.
function part(string $text): string { return (string) base64_decode(strtr($text, '-_', '+/'), true); }

function answer(): int {
    if (!preg_match('~\ABearer ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\z~', $_SERVER['HTTP_AUTHORIZATION'] ?? '', $found)) return 401;
    [, $head, $payload, $mac] = $found;
    if ((json_decode(part($head), true)['alg'] ?? null) !== 'HS256') return 401;
    if (!hash_equals(hash_hmac('sha256', "$head.$payload", getenv('SECRET_KEY'), true), part($mac))) return 401;
    $claims = json_decode(part($payload), true);
    if (!is_array($claims) || !is_int($claims['exp'] ?? null) || $claims['exp'] <= time()) return 401;
    if (!preg_match('~\A/hls2/([^/]+/[^/]+/[^/]+/[^/]+)/~', $_SERVER['RG_URI'] ?? '', $asked)) return 403;
    return ($claims['rel'] ?? null) === $asked[1] ? 204 : 403;
}

http_response_code(answer());
header_remove('Content-Type');
