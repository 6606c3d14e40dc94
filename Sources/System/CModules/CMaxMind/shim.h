#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static inline MMDB_s *shim_country_open(const char *path) {
    MMDB_s *database = calloc(1, sizeof *database);
    if (database && MMDB_open(path, MMDB_MODE_MMAP, database) != MMDB_SUCCESS) {
        free(database);
        database = NULL;
    }
    return database;
}

static inline void shim_country_close(MMDB_s *database) {
    MMDB_close(database);
    free(database);
}

/// The two letters of country.iso_code for an address of 4 or 16 bytes; 0 where the database has none. Allocates nothing.
static inline unsigned shim_country_find(const MMDB_s *database, const unsigned char *address, int size) {
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    const struct sockaddr *socket = size == 4 ? (const struct sockaddr *)&four : (const struct sockaddr *)&six;
    if (size == 4) memcpy(&four.sin_addr, address, 4);
    else memcpy(&six.sin6_addr, address, 16);
    int failure = 0;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(database, socket, &failure);
    if (failure != MMDB_SUCCESS || !found.found_entry) return 0;
    const char *const path[] = {"country", "iso_code", NULL};
    MMDB_entry_data_s data;
    if (MMDB_aget_value(&found.entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2)
        return 0;
    return (unsigned)(unsigned char)data.utf8_string[0] << 8 | (unsigned char)data.utf8_string[1];
}
