/*
 * SHA-256 (FIPS 180-4), for the keys and checksums of the code cache, and for checking tables
 * against published hashes.
 */
#ifndef VSP_TIERS_SHA256_H
#define VSP_TIERS_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct vsp_sha256 {
	uint32_t state[8];
	uint64_t length;   /* bytes so far */
	uint8_t block[64]; /* the last length mod 64 of them */
} vsp_sha256;

void vsp_sha256_begin(vsp_sha256 *hash);
void vsp_sha256_update(vsp_sha256 *hash, const void *data, size_t size);
/* The 32 bytes; the hash must be begun again before further use. */
void vsp_sha256_bytes(vsp_sha256 *hash, uint8_t out[32]);
/*
 * Writes 64 lower-case hexadecimal digits and a 0; the hash must be begun again before further use.
 */
void vsp_sha256_end(vsp_sha256 *hash, char hex[65]);

/* All at once. */
void vsp_sha256_hex(const void *data, size_t size, char hex[65]);

#endif
