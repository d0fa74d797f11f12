// An upload over lwIP's sockets. Not over the package's WiFiClient: it connects without a time-out,
// counts a part that was sent as the whole, and connects to somewhere when the host was not found.
#pragma once

#include "src/http_put.hpp"

namespace skyfeeder {

// Over by then: the look-up of the name, 10 s to connect and 120 s to send.
constexpr uint32_t kUploadMs = 150000;

// Sends what `put` has begun; blocks.
UploadOutcome uploadOverTcp(HttpPut &put);

}  // namespace skyfeeder
