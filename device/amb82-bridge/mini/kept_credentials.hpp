// The Wi-Fi credentials, in two sectors of flash: new ones replace the older, so that a loss of
// power in the middle leaves the newer.
#pragma once

#include "src/camera_hardware.hpp"

namespace skyfeeder {

bool loadKeptCredentials(WifiCredentials *credentials);
// False when they could not be read back; those of before are still kept then.
bool keepCredentials(const WifiCredentials &credentials);

}  // namespace skyfeeder
