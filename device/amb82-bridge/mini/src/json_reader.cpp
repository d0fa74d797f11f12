#include "json_reader.hpp"

#include <cstring>

#include "json_text.hpp"

namespace skyfeeder {

namespace {

constexpr int kDepthMax = 8;

// Moves over one thing after the other; false as soon as there is something else. Never reads past the end.
class JsonScanner {
 public:
  JsonScanner(const uint8_t *begin, const uint8_t *end) : at_(begin), end_(end) {}

  const uint8_t *at() const { return at_; }
  bool atEnd() const { return at_ == end_; }

  void space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) at_++;
  }

  bool mark(uint8_t wanted) {
    space();
    if (at_ == end_ || *at_ != wanted) return false;
    at_++;
    return true;
  }

  bool value(int depth);
  bool string();

 private:
  bool word(const char *letters);
  bool number();
  bool digits();
  bool escape();
  bool members(int depth, uint8_t close, bool named);
  bool member(int depth, bool named);

  const uint8_t *at_;
  const uint8_t *end_;
};

bool JsonScanner::value(int depth) {
  space();
  if (at_ == end_ || depth == kDepthMax) return false;
  switch (*at_) {
    case '{': return members(depth, '}', true);
    case '[': return members(depth, ']', false);
    case '"': return string();
    case 't': return word("true");
    case 'f': return word("false");
    case 'n': return word("null");
    default: return number();
  }
}

bool JsonScanner::members(int depth, uint8_t close, bool named) {
  at_++;
  if (mark(close)) return true;
  do {
    if (!member(depth, named)) return false;
  } while (mark(','));
  return mark(close);
}

bool JsonScanner::member(int depth, bool named) {
  if (named) {
    space();
    if (!string() || !mark(':')) return false;
  }
  return value(depth + 1);
}

bool JsonScanner::string() {
  if (at_ == end_ || *at_ != '"') return false;
  at_++;
  while (at_ < end_ && *at_ >= ' ' && *at_ < 0x80) {
    const uint8_t byte = *at_++;
    if (byte == '"') return true;
    if (byte == '\\' && !escape()) return false;
  }
  return false;
}

bool JsonScanner::escape() {
  if (at_ == end_) return false;
  const uint8_t letter = *at_++;
  if (letter != 'u') return letter != 0 && strchr("\"\\/bfnrt", letter) != nullptr;
  if (end_ - at_ < 4) return false;
  for (int digit = 0; digit < 4; digit++) {
    if (hexDigitValue(*at_++) > 15) return false;
  }
  return true;
}

bool JsonScanner::word(const char *letters) {
  const size_t length = strlen(letters);
  if (static_cast<size_t>(end_ - at_) < length || memcmp(at_, letters, length) != 0) return false;
  at_ += length;
  return true;
}

bool JsonScanner::digits() {
  const uint8_t *begin = at_;
  while (at_ < end_ && *at_ >= '0' && *at_ <= '9') at_++;
  return at_ > begin;
}

bool JsonScanner::number() {
  if (*at_ == '-') at_++;
  const uint8_t *first = at_;
  if (!digits() || (*first == '0' && at_ - first > 1)) return false;
  if (at_ < end_ && *at_ == '.') {
    at_++;
    if (!digits()) return false;
  }
  if (at_ == end_ || (*at_ | 0x20) != 'e') return true;
  at_++;
  if (at_ < end_ && (*at_ == '+' || *at_ == '-')) at_++;
  return digits();
}

bool isNamed(const uint8_t *begin, const uint8_t *end, const char *name) {
  JsonCharacters characters(begin, end);
  while (characters.more() && *name != '\0') {
    if (characters.next() != static_cast<uint8_t>(*name++)) return false;
  }
  return !characters.more() && *name == '\0';
}

bool startsWith(JsonValue value, uint8_t mark) {
  return value.begin != nullptr && *value.begin == mark;
}

JsonValue scanValue(JsonScanner *scanner) {
  scanner->space();
  const uint8_t *begin = scanner->at();
  return scanner->value(0) ? JsonValue{begin, scanner->at()} : kNoValue;
}

}  // namespace

JsonValue parseJsonObject(const uint8_t *bytes, size_t lengthBytes) {
  JsonScanner scanner(bytes, bytes + lengthBytes);
  const JsonValue value = scanValue(&scanner);
  scanner.space();
  return scanner.atEnd() && startsWith(value, '{') ? value : kNoValue;
}

JsonValue jsonMember(JsonValue object, const char *name) {
  JsonValue found = kNoValue;
  if (!startsWith(object, '{')) return found;
  JsonScanner scanner(object.begin + 1, object.end);
  if (scanner.mark('}')) return found;
  do {
    scanner.space();
    const uint8_t *quote = scanner.at();
    if (!scanner.string()) return found;
    const bool named = isNamed(quote + 1, scanner.at() - 1, name);
    scanner.mark(':');
    const JsonValue value = scanValue(&scanner);
    if (named) found = value;
  } while (scanner.mark(','));
  return found;
}

bool jsonIsArray(JsonValue value) { return startsWith(value, '['); }

JsonValue jsonItem(JsonValue array, size_t index) {
  if (!jsonIsArray(array)) return kNoValue;
  JsonScanner scanner(array.begin + 1, array.end);
  if (scanner.mark(']')) return kNoValue;
  do {
    const JsonValue value = scanValue(&scanner);
    if (index-- == 0) return value;
  } while (scanner.mark(','));
  return kNoValue;
}

bool jsonCount(JsonValue value, uint32_t *count) {
  if (value.begin == nullptr || value.end - value.begin > 10) return false;
  uint64_t sum = 0;
  for (const uint8_t *at = value.begin; at < value.end; at++) {
    if (*at < '0' || *at > '9') return false;
    sum = sum * 10 + (*at - '0');
  }
  if (sum > UINT32_MAX) return false;
  *count = static_cast<uint32_t>(sum);
  return true;
}

bool jsonTruth(JsonValue value, bool *truth) {
  *truth = startsWith(value, 't');
  return *truth || startsWith(value, 'f');
}

bool jsonText(JsonValue value, char *into, size_t capacityBytes) {
  into[0] = '\0';
  if (!startsWith(value, '"')) return false;
  JsonCharacters characters(value.begin + 1, value.end - 1);
  size_t length = 0;
  while (characters.more()) {
    uint8_t bytes[4];
    const size_t count = encodeUtf8(characters.next(), bytes);
    if (bytes[0] == 0) into[0] = '\0';
    if (bytes[0] == 0 || length + count >= capacityBytes) return false;
    memcpy(into + length, bytes, count);
    length += count;
    into[length] = '\0';
  }
  return true;
}

}  // namespace skyfeeder
