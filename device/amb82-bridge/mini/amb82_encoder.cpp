// Apart from amb82_camera.cpp: VideoStream.h and the SDK's own header define the same names.
#include "amb82_encoder.hpp"

// Which the SDK's header includes in C++, within the braces.
#include <atomic>

extern "C" {
#include "module_video.h"
#include "video_drv.h"
}

namespace skyfeeder {

void restartEncoder(void *channel, int number, uint32_t quality) {
  video_params_t params;
  const int paramsAt = static_cast<int>(reinterpret_cast<intptr_t>(&params));
  cameraStopVideoStream(channel, number);
  video_control(channel, CMD_VIDEO_GET_PARAMS, paramsAt);
  params.jpeg_qlevel = quality;
  video_control(channel, CMD_VIDEO_SET_PARAMS, paramsAt);
  cameraStart(channel, number);
}

}  // namespace skyfeeder
