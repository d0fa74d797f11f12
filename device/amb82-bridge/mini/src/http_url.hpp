// What the camera can do with a URL and a header it was given.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

constexpr uint16_t kHttpPort = 80;
// The longest name that DNS knows.
constexpr size_t kHostBytesMax = 253;

struct HttpUrl {
  char host[kHostBytesMax + 1];
  uint16_t port;
  // Within the URL: path and query; empty stands for /.
  const char *target;
};

// http://host[:port][/target] in ASCII; false for anything else.
bool parseHttpUrl(const char *url, HttpUrl *parsed);

// False for what would end a line or a header early.
bool isHttpHeader(const char *name, const char *value);
// One that HttpPut writes itself.
bool isOwnHeader(const char *name);

}  // namespace skyfeeder
