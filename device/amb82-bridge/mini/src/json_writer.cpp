#include "json_writer.hpp"

#include "json_text.hpp"

namespace skyfeeder {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

}  // namespace

void JsonWriter::text(const char *name, const char *value) {
  this->name(name);
  put('"');
  while (*value != '\0') {
    uint32_t character;
    value += decodeUtf8(value, &character);
    escaped(character);
  }
  put('"');
}

void JsonWriter::hex(const char *name, const uint8_t *bytes, size_t lengthBytes) {
  this->name(name);
  put('"');
  for (size_t at = 0; at < lengthBytes; at++) {
    put(kHexDigits[bytes[at] >> 4]);
    put(kHexDigits[bytes[at] & 15]);
  }
  put('"');
}

void JsonWriter::number(const char *name, uint64_t value) {
  char digits[21];
  size_t at = sizeof(digits) - 1;
  digits[at] = '\0';
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  json(name, digits + at);
}

void JsonWriter::truth(const char *name, bool value) { json(name, value ? "true" : "false"); }

void JsonWriter::json(const char *name, const char *value) {
  this->name(name);
  raw(value);
}

size_t JsonWriter::end() {
  if (length_ == 0) put('{');
  put('}');
  return full_ ? 0 : length_;
}

void JsonWriter::name(const char *name) {
  raw(length_ == 0 ? "{\"" : ",\"");
  raw(name);
  raw("\":");
}

void JsonWriter::escaped(uint32_t character) {
  if (character == '"' || character == '\\') put('\\');
  if (character >= ' ' && character <= '~') {
    put(static_cast<char>(character));
  } else if (character < 0x10000) {
    unit(character);
  } else {
    unit(0xd800 + ((character - 0x10000) >> 10));
    unit(0xdc00 + ((character - 0x10000) & 0x3ff));
  }
}

void JsonWriter::unit(uint32_t unit) {
  raw("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) put(kHexDigits[(unit >> shift) & 15]);
}

void JsonWriter::raw(const char *text) {
  while (*text != '\0') put(*text++);
}

void JsonWriter::put(char byte) {
  full_ = full_ || length_ == capacityBytes_;
  if (!full_) into_[length_++] = static_cast<uint8_t>(byte);
}

}  // namespace skyfeeder
