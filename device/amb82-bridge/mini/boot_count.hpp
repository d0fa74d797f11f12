// How often this camera started, kept in flash.
#pragma once

#include <cstdint>

namespace skyfeeder {

// One more than ever before; 8 bytes of flash a start. When they cannot be kept, it is the same
// number every time.
uint32_t countBoot();

}  // namespace skyfeeder
