#include "sha256.hpp"

#include <cstring>

namespace skyfeeder {

namespace {

constexpr size_t kBlockBytes = 64;
constexpr size_t kRounds = 64;

constexpr uint32_t kRoundConstants[kRounds] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

uint32_t rotateRight(uint32_t value, unsigned bits) {
  return (value >> bits) | (value << (32 - bits));
}

uint32_t getBigEndian(const uint8_t *from) {
  return (static_cast<uint32_t>(from[0]) << 24) | (static_cast<uint32_t>(from[1]) << 16) |
         (static_cast<uint32_t>(from[2]) << 8) | from[3];
}

void putBigEndian(uint8_t *into, uint32_t value) {
  for (unsigned at = 0; at < 4; at++) into[at] = static_cast<uint8_t>(value >> (24 - 8 * at));
}

void expand(const uint8_t *block, uint32_t words[kRounds]) {
  for (size_t at = 0; at < 16; at++) words[at] = getBigEndian(block + 4 * at);
  for (size_t at = 16; at < kRounds; at++) {
    const uint32_t a = words[at - 15];
    const uint32_t b = words[at - 2];
    const uint32_t sigma0 = rotateRight(a, 7) ^ rotateRight(a, 18) ^ (a >> 3);
    const uint32_t sigma1 = rotateRight(b, 17) ^ rotateRight(b, 19) ^ (b >> 10);
    words[at] = words[at - 16] + sigma0 + words[at - 7] + sigma1;
  }
}

void compress(uint32_t state[8], const uint8_t *block) {
  uint32_t words[kRounds];
  expand(block, words);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (size_t at = 0; at < kRounds; at++) {
    const uint32_t sum1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
    const uint32_t first = h + sum1 + ((e & f) ^ (~e & g)) + kRoundConstants[at] + words[at];
    const uint32_t sum0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
    const uint32_t second = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const uint32_t sums[8] = {a, b, c, d, e, f, g, h};
  for (size_t at = 0; at < 8; at++) state[at] += sums[at];
}

// The rest, a one bit, zeros, and the length in bits: one block or two.
void compressEnd(uint32_t state[8], const uint8_t *rest, size_t restBytes, uint64_t lengthBytes) {
  uint8_t end[2 * kBlockBytes] = {};
  if (restBytes > 0) memcpy(end, rest, restBytes);
  end[restBytes] = 0x80;
  const size_t endBytes = restBytes + 9 <= kBlockBytes ? kBlockBytes : 2 * kBlockBytes;
  putBigEndian(end + endBytes - 8, static_cast<uint32_t>(lengthBytes >> 29));
  putBigEndian(end + endBytes - 4, static_cast<uint32_t>(lengthBytes << 3));
  for (size_t at = 0; at < endBytes; at += kBlockBytes) compress(state, end + at);
}

}  // namespace

void sha256(const uint8_t *bytes, size_t lengthBytes, uint8_t digest[kSha256Bytes]) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const size_t wholeBytes = lengthBytes - lengthBytes % kBlockBytes;
  for (size_t at = 0; at < wholeBytes; at += kBlockBytes) compress(state, bytes + at);
  compressEnd(state, bytes + wholeBytes, lengthBytes - wholeBytes, lengthBytes);
  for (size_t at = 0; at < 8; at++) putBigEndian(digest + 4 * at, state[at]);
}

}  // namespace skyfeeder
