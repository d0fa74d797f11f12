#include "http_url.hpp"

#include <cstring>
#include <strings.h>

namespace skyfeeder {

namespace {

constexpr char kScheme[] = "http://";
constexpr size_t kSchemeBytes = sizeof(kScheme) - 1;

bool isLetterOrDigit(char byte) {
  const char lower = static_cast<char>(byte | 0x20);
  return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z');
}

bool isHostByte(char byte) {
  return isLetterOrDigit(byte) || byte == '.' || byte == '-' || byte == '_';
}

bool isTokenByte(char byte) {
  return isLetterOrDigit(byte) || (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != nullptr);
}

bool isPrintable(const char *text, char first) {
  for (; *text != '\0'; text++) {
    if (*text < first || *text > '~') return false;
  }
  return true;
}

// Moves behind the port; false when it is none.
bool parsePort(const char **at, uint16_t *port) {
  uint32_t sum = 0;
  const char *first = *at;
  while (**at >= '0' && **at <= '9' && sum <= UINT16_MAX) {
    sum = sum * 10 + static_cast<uint32_t>(*(*at)++ - '0');
  }
  *port = static_cast<uint16_t>(sum);
  return *at > first && sum > 0 && sum <= UINT16_MAX;
}

}  // namespace

bool parseHttpUrl(const char *url, HttpUrl *parsed) {
  if (strncasecmp(url, kScheme, kSchemeBytes) != 0) return false;
  const char *host = url + kSchemeBytes;
  size_t hostBytes = 0;
  while (isHostByte(host[hostBytes])) hostBytes++;
  if (hostBytes == 0 || hostBytes > kHostBytesMax) return false;
  memcpy(parsed->host, host, hostBytes);
  parsed->host[hostBytes] = '\0';
  const char *at = host + hostBytes;
  parsed->port = kHttpPort;
  if (*at == ':') {
    at++;
    if (!parsePort(&at, &parsed->port)) return false;
  }
  parsed->target = at;
  return (*at == '\0' || *at == '/' || *at == '?') && strchr(at, '#') == nullptr &&
         isPrintable(at, '!');
}

bool isHttpHeader(const char *name, const char *value) {
  if (*name == '\0') return false;
  for (; *name != '\0'; name++) {
    if (!isTokenByte(*name)) return false;
  }
  return isPrintable(value, ' ');
}

bool isOwnHeader(const char *name) {
  constexpr const char *kOwn[] = {"Host", "Content-Length", "Connection", "Transfer-Encoding"};
  for (const char *own : kOwn) {
    if (strcasecmp(name, own) == 0) return true;
  }
  return false;
}

}  // namespace skyfeeder
