// Writes one flat JSON object in ASCII, without spaces, into a buffer of the caller's.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

class JsonWriter {
 public:
  JsonWriter(uint8_t *into, size_t capacityBytes) : into_(into), capacityBytes_(capacityBytes) {}

  // `value` is UTF-8.
  void text(const char *name, const char *value);
  void hex(const char *name, const uint8_t *bytes, size_t lengthBytes);
  void number(const char *name, uint64_t value);
  void truth(const char *name, bool value);
  // `value` is JSON already.
  void json(const char *name, const char *value);

  // Ends the object; answers its length, 0 when it had no room.
  size_t end();

 private:
  void name(const char *name);
  void escaped(uint32_t character);
  void unit(uint32_t unit);
  void raw(const char *text);
  void put(char byte);

  uint8_t *into_;
  size_t capacityBytes_;
  size_t length_ = 0;
  bool full_ = false;
};

}  // namespace skyfeeder
