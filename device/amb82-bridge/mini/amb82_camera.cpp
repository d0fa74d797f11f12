#include "amb82_camera.hpp"

#include "amb82_encoder.hpp"

#include <Arduino.h>
#include <VideoStream.h>

#include <atomic>
#include <cstring>

extern "C" {
#include "FreeRTOS.h"
#include "semphr.h"
}

namespace skyfeeder {

namespace {

constexpr int kChannel = 0;
constexpr int kOneJpeg = 1;
// A frame comes every 33 ms; a sensor that hangs never answers.
constexpr uint32_t kJpegMs = 2500;

enum class Jpeg : uint32_t { unwanted, wanted, copying };

// Written by the task before `wanted`, by the encoder during `copying`.
struct Request {
  std::atomic<Jpeg> jpeg{Jpeg::unwanted};
  uint8_t *into;
  size_t capacityBytes;
  size_t lengthBytes;
};

Request request;
StaticSemaphore_t isCopiedMemory;
SemaphoreHandle_t isCopied;
VideoSetting vga(VIDEO_VGA, CAM_FPS, VIDEO_JPEG, VIDEO_SNAPSHOT_ENABLE);

// Video keeps the context of its channel to itself, but hands out the module that has it.
class Stream : public MMFModule {
 public:
  explicit Stream(const MMFModule &module) : MMFModule(module) {}
  mm_context_t *context() const { return _p_mmf_context; }
};

mm_context_t *contextOfChannel() { return Stream(Camera.getStream(kChannel)).context(); }

// In the encoder's task, which takes the memory of the JPEG back as soon as this returns.
// Camera.getImage hands out its address up to 10 ms later, and waits for ever for one that does not
// come.
int onJpeg(uint32_t address, uint32_t lengthBytes) {
  Jpeg expected = Jpeg::wanted;
  if (!request.jpeg.compare_exchange_strong(expected, Jpeg::copying)) return 0;
  const bool fits = lengthBytes <= request.capacityBytes;
  if (fits) memcpy(request.into, reinterpret_cast<const void *>(address), lengthBytes);
  request.lengthBytes = fits ? lengthBytes : 0;
  request.jpeg.store(Jpeg::unwanted);
  xSemaphoreGive(isCopied);
  return 0;
}

}  // namespace

void openCamera(uint32_t quality) {
  vga.setJpegQuality(static_cast<uint8_t>(quality));
  isCopied = xSemaphoreCreateBinaryStatic(&isCopiedMemory);
  Camera.configVideoChannel(kChannel, vga);
  Camera.videoInit();
  Camera.channelBegin(kChannel);
  cameraSnapshotRegCB(contextOfChannel(), onJpeg);
}

// Camera itself would make a second channel beside the first.
void reopenCamera(uint32_t quality) {
  restartEncoder(contextOfChannel()->priv, kChannel, quality);
}

void closeCamera() { Camera.channelEnd(kChannel); }

size_t takeJpeg(uint8_t *into, size_t capacityBytes) {
  request.into = into;
  request.capacityBytes = capacityBytes;
  request.jpeg.store(Jpeg::wanted);
  cameraSnapshot(contextOfChannel()->priv, kOneJpeg);
  if (xSemaphoreTake(isCopied, pdMS_TO_TICKS(kJpegMs)) == pdTRUE) return request.lengthBytes;
  Jpeg expected = Jpeg::wanted;
  if (request.jpeg.compare_exchange_strong(expected, Jpeg::unwanted)) return 0;
  // It came at the last moment and is being copied.
  xSemaphoreTake(isCopied, portMAX_DELAY);
  return request.lengthBytes;
}

}  // namespace skyfeeder
