// SHA256_CTX by value is the one way to an HMAC without an allocation; OpenSSL 3 marks it deprecated, not gone.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
