// One upload from the command line, by the same code as the camera's.
#pragma once

#include "../src/camera_hardware.hpp"

namespace skyfeeder {

// `request` still lacks its body; prints one line of JSON and answers the exit status.
int runPut(UploadRequest request, const char *file, uint32_t timeoutMs);

}  // namespace skyfeeder
