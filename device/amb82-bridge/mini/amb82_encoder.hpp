// What Arduino's Video class cannot do with a channel that it has opened.
#pragma once

#include <cstdint>

namespace skyfeeder {

// `channel`: what the SDK's calls take. The encoder takes another quality only with a new start.
void restartEncoder(void *channel, int number, uint32_t quality);

}  // namespace skyfeeder
