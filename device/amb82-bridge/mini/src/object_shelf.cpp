#include "object_shelf.hpp"

#include <cstring>

#include "json_writer.hpp"

namespace skyfeeder {

size_t ObjectShelf::count() const {
  size_t count = 0;
  for (const HeldObject &object : objects_) count += object.id != 0 ? 1 : 0;
  return count;
}

void ObjectShelf::add(MediaKind kind, const char *captureId, const Media &media,
                      Millis takenAtMs) {
  HeldObject *place = objects_;
  while (place->id != 0) place++;
  HeldObject object = {};
  object.id = takeId();
  object.kind = kind;
  strcpy(object.captureId, captureId);
  object.media = media;
  sha256(media.bytes, media.lengthBytes, object.sha256);
  object.takenAtMs = takenAtMs;
  object.offerDue = true;
  *place = object;
}

// 16 bits are enough for a day of visits without sleep; after them a number that is held is not given again.
uint16_t ObjectShelf::takeId() {
  bool taken = true;
  while (taken) {
    lastId_++;
    taken = lastId_ == 0;
    for (const HeldObject &object : objects_) taken = taken || object.id == lastId_;
  }
  return lastId_;
}

HeldObject *ObjectShelf::find(uint32_t id) {
  for (HeldObject &object : objects_) {
    if (object.id != 0 && object.id == id && !object.ended) return &object;
  }
  return nullptr;
}

HeldObject *ObjectShelf::nextToOffer() {
  HeldObject *next = nullptr;
  for (HeldObject &object : objects_) {
    if (object.id == 0 || !object.offerDue) continue;
    if (next == nullptr || object.takenAtMs < next->takenAtMs) next = &object;
  }
  return next;
}

void ObjectShelf::offerAll() {
  for (HeldObject &object : objects_) object.offerDue = object.id != 0 && !object.ended;
}

void ObjectShelf::end(HeldObject *object) {
  object->ended = true;
  object->offerDue = false;
  if (!object->uploading) release(object);
}

void ObjectShelf::uploadOver(HeldObject *object) {
  object->uploading = false;
  if (object->ended) release(object);
}

void ObjectShelf::release(HeldObject *object) {
  board_.releaseMedia(object->media.bytes);
  object->id = 0;
}

size_t writeOffer(const HeldObject &object, Millis nowMs, uint8_t *into, size_t capacityBytes) {
  const bool still = object.kind == MediaKind::still;
  JsonWriter json(into, capacityBytes);
  json.number("id", object.id);
  json.text("captureId", object.captureId);
  json.text("kind", still ? "still" : "clip");
  json.number("size", object.media.lengthBytes);
  json.hex("sha256", object.sha256, sizeof(object.sha256));
  json.text("contentType", still ? "image/jpeg" : "video/avi");
  json.number("ageMs", nowMs - object.takenAtMs);
  return json.end();
}

}  // namespace skyfeeder
