// The stills and clips the camera holds, from the capture until the feeder is done with them.
#pragma once

#include "camera_hardware.hpp"
#include "link_frame.hpp"
#include "sha256.hpp"

namespace skyfeeder {

// A visit's stills, and what a feeder that restarted left behind.
constexpr size_t kObjectsMax = 12;
// The server's ids are 32 characters; a clip's name adds to the still's.
constexpr size_t kCaptureIdBytesMax = 48;

enum class MediaKind : uint8_t { still, clip };

struct HeldObject {
  // 0: this place is free.
  uint16_t id;
  MediaKind kind;
  char captureId[kCaptureIdBytesMax + 1];
  Media media;
  uint8_t sha256[kSha256Bytes];
  Millis takenAtMs;
  bool offerDue;
  // Its bytes are being uploaded.
  bool uploading;
  // The feeder is done with it; only the upload still needs it.
  bool ended;
};

class ObjectShelf {
 public:
  explicit ObjectShelf(CameraHardware &board) : board_(board) {}

  size_t count() const;
  // Its bytes are the shelf's from now on. Only while count() is below kObjectsMax.
  void add(MediaKind kind, const char *captureId, const Media &media, Millis takenAtMs);
  // Null for what the feeder cannot know.
  HeldObject *find(uint32_t id);
  HeldObject *nextToOffer();
  // The feeder has started anew: it may not know of any.
  void offerAll();
  // What an upload reads stays until the upload is over.
  void end(HeldObject *object);
  void uploadOver(HeldObject *object);

 private:
  uint16_t takeId();
  void release(HeldObject *object);

  CameraHardware &board_;
  HeldObject objects_[kObjectsMax] = {};
  uint16_t lastId_ = 0;
};

// Answers its length, 0 when it has no room.
size_t writeOffer(const HeldObject &object, Millis nowMs, uint8_t *into, size_t capacityBytes);

}  // namespace skyfeeder
