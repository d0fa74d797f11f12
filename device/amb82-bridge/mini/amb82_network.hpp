// Wi-Fi, joined only as long as a clip is sent or a network is tried.
#pragma once

#include "background_job.hpp"
#include "src/http_put.hpp"

namespace skyfeeder {

class Amb82Network final : public BackgroundJob {
 public:
  bool startUpload(const WifiCredentials &network, const UploadRequest &request);
  UploadOutcome pollUpload(uint16_t *status);
  void cancelUpload();
  // The task may still read them, also after the upload was late.
  bool isReading(const uint8_t *bytes) const { return !isFree() && body_ == bytes; }
  bool startJoin(const WifiCredentials &network);
  JoinOutcome pollJoin();

 private:
  void work() override;
  bool join();
  UploadOutcome upload(uint32_t joinedInMs);

  // Of the task while it works.
  WifiCredentials network_ = {};
  HttpPut put_;
  bool isUpload_ = false;
  bool isSendable_ = false;
  bool isJoined_ = false;
  UploadOutcome outcome_ = UploadOutcome::running;

  const uint8_t *body_ = nullptr;
  bool isCancelled_ = false;
};

}  // namespace skyfeeder
