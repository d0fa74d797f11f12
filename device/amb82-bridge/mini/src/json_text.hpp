// The characters between a string's quotation marks, unescaped one at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

constexpr uint32_t kReplacementCharacter = 0xfffd;

inline bool isHighSurrogate(uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
inline bool isLowSurrogate(uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

class JsonCharacters {
 public:
  JsonCharacters(const uint8_t *begin, const uint8_t *end) : at_(begin), end_(end) {}

  bool more() const { return at_ < end_; }
  // A code point.
  uint32_t next();

 private:
  uint32_t nextUnit();

  const uint8_t *at_;
  const uint8_t *end_;
};

// One to four bytes; answers how many.
size_t encodeUtf8(uint32_t character, uint8_t into[4]);
// Answers how many bytes it took, at least one; what is no UTF-8 is U+FFFD.
size_t decodeUtf8(const char *text, uint32_t *character);

// 16 for what is no hex digit.
unsigned hexDigitValue(uint8_t digit);

}  // namespace skyfeeder
