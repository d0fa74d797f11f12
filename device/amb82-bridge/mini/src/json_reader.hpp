// Control payloads: JSON in ASCII, read where it lies. Nothing is copied but the text that is asked for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

// A value within a text that was found to be JSON; null bytes: there is no such value.
struct JsonValue {
  const uint8_t *begin;
  const uint8_t *end;
};

constexpr JsonValue kNoValue = {nullptr, nullptr};

// The object that `bytes` are; no value for anything else, a byte above 7f, or more than 8 levels.
JsonValue parseJsonObject(const uint8_t *bytes, size_t lengthBytes);

// The last member of that name, as in JSON.parse.
JsonValue jsonMember(JsonValue object, const char *name);

bool jsonIsArray(JsonValue value);
// The item of an array at `index`, from 0.
JsonValue jsonItem(JsonValue array, size_t index);

// A whole number from 0 to 4294967295, written without point or exponent.
bool jsonCount(JsonValue value, uint32_t *count);
bool jsonTruth(JsonValue value, bool *truth);

// Copies a string as UTF-8 with a zero behind it; a lone surrogate becomes U+FFFD. False when it is no string, when it
// holds U+0000, which would end it early, or when it needs more than `capacityBytes`, of which there is at least one:
// then what fits is there.
bool jsonText(JsonValue value, char *into, size_t capacityBytes);

}  // namespace skyfeeder
