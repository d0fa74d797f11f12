#include "json_text.hpp"

namespace skyfeeder {

namespace {

uint32_t unescaped(uint8_t letter) {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;
  }
}

// The smallest character that so many bytes are needed for: a longer form of another is no UTF-8.
constexpr uint32_t kSmallest[5] = {0, 0, 0x80, 0x800, 0x10000};

size_t utf8Length(uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

}  // namespace

unsigned hexDigitValue(uint8_t digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const uint8_t lower = digit | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
}

uint32_t JsonCharacters::nextUnit() {
  const uint8_t byte = *at_++;
  if (byte != '\\' || at_ == end_) return byte;
  const uint8_t letter = *at_++;
  if (letter != 'u' || end_ - at_ < 4) return unescaped(letter);
  uint32_t unit = 0;
  for (int digit = 0; digit < 4; digit++) unit = unit * 16 + hexDigitValue(*at_++);
  return unit;
}

uint32_t JsonCharacters::next() {
  const uint32_t high = nextUnit();
  if (isLowSurrogate(high)) return kReplacementCharacter;
  if (!isHighSurrogate(high)) return high;
  const uint8_t *behindHigh = at_;
  const uint32_t low = more() ? nextUnit() : 0;
  if (isLowSurrogate(low)) return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  at_ = behindHigh;
  return kReplacementCharacter;
}

size_t encodeUtf8(uint32_t character, uint8_t into[4]) {
  if (character < 0x80) {
    into[0] = static_cast<uint8_t>(character);
    return 1;
  }
  const size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  for (size_t at = length - 1; at > 0; at--) {
    into[at] = static_cast<uint8_t>(0x80 | (character & 0x3f));
    character >>= 6;
  }
  into[0] = static_cast<uint8_t>((0xf00 >> length) | character);
  return length;
}

size_t decodeUtf8(const char *text, uint32_t *character) {
  const uint8_t first = static_cast<uint8_t>(text[0]);
  const size_t length = utf8Length(first);
  *character = kReplacementCharacter;
  if (length == 0) return 1;
  uint32_t sum = length == 1 ? first : first & (0x7f >> length);
  for (size_t at = 1; at < length; at++) {
    const uint8_t byte = static_cast<uint8_t>(text[at]);
    if ((byte & 0xc0) != 0x80) return at;
    sum = (sum << 6) | (byte & 0x3f);
  }
  const bool surrogate = isHighSurrogate(sum) || isLowSurrogate(sum);
  if (sum >= kSmallest[length] && sum <= 0x10ffff && !surrogate) *character = sum;
  return length;
}

}  // namespace skyfeeder
