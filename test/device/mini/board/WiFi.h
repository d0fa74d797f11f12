// The board package's Wi-Fi, as the network of network-deadlines.cpp.
#pragma once

#include <cstdint>

constexpr int WL_SUCCESS = 1;
constexpr int WL_CONNECTED = 3;

class IPAddress {
 public:
  operator uint32_t() const { return 0x0100007f; }
};

class WiFiClass {
 public:
  int begin(char *ssid);
  int begin(char *ssid, const char *passphrase);
  int disconnect();
  int hostByName(const char *host, IPAddress &address);
};

extern WiFiClass WiFi;

uint32_t millis();
