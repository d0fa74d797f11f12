// An upload over lwIP's sockets. Not over the package's WiFiClient: it connects without a time-out,
// counts a part that was sent as the whole, and connects to somewhere when the host was not found.
#pragma once

#include "background_job.hpp"
#include "src/http_put.hpp"

namespace skyfeeder {

// Sends what `put` has begun; blocks, but ends soon when `job` is not awaited any more: its deadline is the upload's.
UploadOutcome uploadOverTcp(HttpPut &put, const BackgroundJob &job);

}  // namespace skyfeeder
