// JPEGs from the AMB82-Mini's encoder, one at a time. These calls block for as long as the SDK
// likes: they are for a task of their own.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

// Quality: 1 to 9.
void openCamera(uint32_t quality);
// Once it is open: the encoder takes another quality only with a new start, which takes as long as the first.
void reopenCamera(uint32_t quality);
// Whether deep sleep alone switches the sensor off is not known.
void closeCamera();
// Answers its length; 0 when none came in time, or a larger one.
size_t takeJpeg(uint8_t *into, size_t capacityBytes);

}  // namespace skyfeeder
