// SHA-256 of FIPS 180-4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

constexpr size_t kSha256Bytes = 32;

void sha256(const uint8_t *bytes, size_t lengthBytes, uint8_t digest[kSha256Bytes]);

}  // namespace skyfeeder
