// libcurl's setters and getters are variadic, which Swift can't call: one function for each kind of value.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

static inline CURLcode shim_set_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode shim_set_text(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode shim_set_list(CURL *h, CURLoption o, struct curl_slist *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode shim_set_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode shim_set_body(CURL *h, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code ? code : curl_easy_setopt(h, CURLOPT_COPYPOSTFIELDS, (const char *)bytes);
}
static inline CURLcode shim_get_status(CURL *h, long *v) { return curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, v); }
/// The final answer's field of that name, the index-th from 0; answers 0 when there is none.
static inline int shim_get_field(CURL *h, const char *name, size_t index, const char **value) {
    struct curl_header *field = NULL;
    if (curl_easy_header(h, name, index, CURLH_HEADER, -1, &field) != CURLHE_OK) return 0;
    *value = field->value;
    return 1;
}
static inline CURLcode shim_get_socket(CURL *h, int *v) { return curl_easy_getinfo(h, CURLINFO_ACTIVESOCKET, v); }
/// TLS 1.0 and 1.1 alone; today's OpenSSL offers them only at its lowest level.
static inline CURLcode shim_set_old_tls(CURL *h) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)(CURL_SSLVERSION_TLSv1_0 | CURL_SSLVERSION_MAX_TLSv1_1));
    return code ? code : curl_easy_setopt(h, CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");
}

/// What came so far and how much may come.
struct shim_sink { size_t count, limit; uint8_t *bytes; };
static inline size_t shim_write(char *data, size_t size, size_t count, void *context) {
    struct shim_sink *sink = (struct shim_sink *)context;
    size_t length = size * count;
    if (length > sink->limit - sink->count) return 0; // ends the transfer with CURLE_WRITE_ERROR
    memcpy(sink->bytes + sink->count, data, length);
    sink->count += length;
    return length;
}
static inline CURLcode shim_set_sink(CURL *h, struct shim_sink *sink) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, shim_write);
    return code ? code : curl_easy_setopt(h, CURLOPT_WRITEDATA, sink);
}

/// What goes out, and how much of it has gone.
struct shim_source { size_t count, at; const uint8_t *bytes; };
static inline size_t shim_read(char *to, size_t size, size_t count, void *context) {
    struct shim_source *source = (struct shim_source *)context;
    size_t room = size * count, left = source->count - source->at;
    if (left < room) room = left;
    memcpy(to, source->bytes + source->at, room);
    source->at += room;
    return room;
}
static inline CURLcode shim_set_source(CURL *h, struct shim_source *source) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    if (!code) code = curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)source->count);
    if (!code) code = curl_easy_setopt(h, CURLOPT_READFUNCTION, shim_read);
    return code ? code : curl_easy_setopt(h, CURLOPT_READDATA, source);
}

/// Resolves a name into 16-byte addresses (IPv4 ones v4-mapped); answers how many, or −1.
static inline int shim_resolve(const char *host, uint8_t *out, int limit) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    struct addrinfo *list = NULL;
    if (getaddrinfo(host, NULL, &hints, &list) != 0) return -1;
    int count = 0;
    for (struct addrinfo *a = list; a && count < limit; a = a->ai_next) {
        uint8_t *to = out + 16 * count;
        if (a->ai_family == AF_INET) {
            memset(to, 0, 10);
            to[10] = to[11] = 0xff;
            memcpy(to + 12, &((struct sockaddr_in *)a->ai_addr)->sin_addr, 4);
            count++;
        } else if (a->ai_family == AF_INET6) {
            memcpy(to, &((struct sockaddr_in6 *)a->ai_addr)->sin6_addr, 16);
            count++;
        }
    }
    freeaddrinfo(list);
    return count;
}
static inline const char *shim_address_text(const uint8_t *bytes, char *out, int size) {
    return inet_ntop(AF_INET6, bytes, out, (socklen_t)size);
}
