import Timer from "timer";

/** Stands for embedded:network/interface/wifi on Linux: joining always works, the host is on the network. */
export default class WiFi {
  #onChanged;
  #connection = 200;

  constructor(options) {
    this.#onChanged = options.onChanged;
  }
  get connection() {
    return this.#connection;
  }
  connect() {
    this.#connection = 300;
    Timer.set(() => {
      this.#connection = 500;
      this.#onChanged?.("connection");
    });
  }
  scan(options) {
    Timer.set(() => options.onComplete?.());
  }
  disconnect() {
    this.#connection = 200;
  }
  close() {}
}
