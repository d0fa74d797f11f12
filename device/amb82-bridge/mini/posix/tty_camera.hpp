// The camera in real time on a serial port or a pseudo-terminal.
#pragma once

namespace skyfeeder {

struct TtyOptions {
  const char *path;
  const char *folder;
  // Wi-Fi is this computer's network: there without being staged. Otherwise no network is ever in reach.
  bool wifiAlways;
};

// Until the camera sleeps; answers the exit status.
int runOnTty(const TtyOptions &options);

}  // namespace skyfeeder
