// As much of FreeRTOS as the sketch's background jobs need; time is network-deadlines.cpp's.
#pragma once

#include <cstdint>

using BaseType_t = long;
using UBaseType_t = unsigned long;
using TickType_t = uint32_t;
using TaskHandle_t = void *;

constexpr BaseType_t pdTRUE = 1;
constexpr BaseType_t pdPASS = 1;
constexpr TickType_t portMAX_DELAY = UINT32_MAX;

constexpr TickType_t pdMS_TO_TICKS(uint32_t ms) { return ms; }
