#pragma once

#include "FreeRTOS.h"

BaseType_t xTaskCreate(void (*run)(void *), const char *name, uint16_t stackWords, void *self,
                       UBaseType_t priority, TaskHandle_t *task);
uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks);
BaseType_t xTaskNotifyGive(TaskHandle_t task);
TickType_t xTaskGetTickCount();
