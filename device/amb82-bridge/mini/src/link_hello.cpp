#include "link_hello.hpp"

#include "json_reader.hpp"
#include "json_writer.hpp"
#include "link_frame.hpp"

namespace skyfeeder {

namespace {

// A data frame of one byte.
constexpr size_t kSmallestFrameBytes = FRAME_HEADER_BYTES + 6 + 1 + FRAME_CRC_BYTES;

bool canTalk(const LinkHello &hello) {
  return hello.frameBytesMax >= kSmallestFrameBytes && hello.window > 0 &&
         hello.bufferBytes >= FRAME_WIRE_BYTES(kSmallestFrameBytes);
}

}  // namespace

bool parseHello(const uint8_t *bytes, size_t lengthBytes, LinkHello *hello) {
  const JsonValue object = parseJsonObject(bytes, lengthBytes);
  uint32_t protocol = 0;
  const bool whole = jsonCount(jsonMember(object, "protocol"), &protocol) && protocol == 1 &&
                     jsonText(jsonMember(object, "bootId"), hello->bootId, sizeof(hello->bootId)) &&
                     jsonCount(jsonMember(object, "maxFrame"), &hello->frameBytesMax) &&
                     jsonCount(jsonMember(object, "window"), &hello->window) &&
                     jsonCount(jsonMember(object, "buffer"), &hello->bufferBytes) &&
                     jsonTruth(jsonMember(object, "answer"), &hello->answer);
  return whole && canTalk(*hello);
}

size_t writeHello(const HelloSelf &self, bool answer, uint8_t *into, size_t capacityBytes) {
  JsonWriter json(into, capacityBytes);
  json.number("protocol", 1);
  json.text("firmware", kCameraFirmware);
  json.json("capabilities",
            self.hasWifi ? "[\"still\",\"clip\",\"wifi\"]" : "[\"still\",\"clip\"]");
  json.text("bootId", self.bootId);
  json.number("maxFrame", FRAME_BYTES_MAX);
  json.number("window", kWindowMax);
  json.number("buffer", kReceiveBufferBytes);
  json.json("bauds", "[115200,460800,921600]");
  json.truth("answer", answer);
  return json.end();
}

}  // namespace skyfeeder
