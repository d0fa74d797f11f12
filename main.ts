import "./device/esp32/main.ts";
