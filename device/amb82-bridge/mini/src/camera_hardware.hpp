// What the camera's session needs from its board. Every call returns at once: what takes time is started, then polled.
// ../amb82_hardware.* is the AMB82-Mini, ../posix/ a process on a computer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

// A passphrase of WPA2 is 8 to 63 characters, or 64 hex digits for the key itself; each array also holds its end.
struct WifiCredentials {
  char ssid[32 + 1];
  char passphrase[64 + 1];
};

struct UploadHeader {
  const char *name;
  const char *value;
};

constexpr size_t kUploadHeadersMax = 8;

// Valid until the upload is over. `url` is http://host[:port]/target.
struct UploadRequest {
  const char *url;
  UploadHeader headers[kUploadHeadersMax];
  size_t headerCount;
  const uint8_t *body;
  size_t bodyBytes;
};

// Of a JPEG: the levels of the AMB82-Mini's encoder, and its own choice.
constexpr uint32_t kQualityMax = 9;
constexpr uint32_t kQualityUsual = 5;

// A JPEG or an AVI in memory; null bytes: the sensor gave nothing in time.
struct Media {
  const uint8_t *bytes;
  size_t lengthBytes;
};

// The reasons of docs/link.md; stored: a status from 200 to 299 was read.
enum class UploadOutcome { running, stored, refused, closed, timeout, connectFailed, joinFailed, badUrl };
enum class JoinOutcome { running, joined, failed };

class CameraHardware {
 public:
  // How many bytes the transmitter took.
  virtual size_t uartWrite(const uint8_t *bytes, size_t lengthBytes) = 0;
  // True once the last stop bit of all that was taken has left.
  virtual bool uartSent() = 0;
  virtual void uartSetRate(uint32_t bitsPerSecond) = 0;

  // The longest clip there is memory for.
  virtual uint32_t clipSecondsMax() = 0;
  // False when the sensor is busy. Quality: 1 to kQualityMax.
  virtual bool startStill(uint32_t quality) = 0;
  virtual bool startClip(uint32_t seconds, uint32_t quality) = 0;
  // True once, when the capture is over. The bytes stay until releaseMedia.
  virtual bool pollCapture(Media *media) = 0;
  virtual void releaseMedia(const uint8_t *bytes) = 0;

  // Joins `network`, sends, and leaves the network again.
  virtual bool startUpload(const WifiCredentials &network, const UploadRequest &request) = 0;
  // `status` is the HTTP status with stored and refused.
  virtual UploadOutcome pollUpload(uint16_t *status) = 0;
  // Nobody wants it any more: pollUpload says within half a second that it is over.
  virtual void cancelUpload() = 0;
  virtual bool startJoin(const WifiCredentials &network) = 0;
  virtual JoinOutcome pollJoin() = 0;

  // Kept over deep sleep and loss of power.
  virtual bool loadCredentials(WifiCredentials *credentials) = 0;
  virtual bool storeCredentials(const WifiCredentials &credentials) = 0;

  // A number never given before, also not before the last loss of power: hello's bootId is made of it.
  virtual uint64_t bootNumber() = 0;
  // Does not return on the board; anywhere else nothing is called afterwards.
  virtual void deepSleep() = 0;

 protected:
  ~CameraHardware() = default;
};

}  // namespace skyfeeder
