// One upload from the command line, by the same code as the camera's.
#pragma once

#include "http_socket.hpp"

namespace skyfeeder {

// `request` still lacks its body; prints one line of JSON and answers the exit status.
int runPut(UploadRequest request, const char *file, UploadPatience patience);

}  // namespace skyfeeder
