/** Stands for embedded:io/digital on Linux, which has no pins: inputs read low and have no edges. */
export default class Digital {
  static Input = 0;
  static InputPullUp = 1;
  static InputPullDown = 2;
  static Output = 8;
  static Rising = 1;
  static Falling = 2;

  constructor(options) {
    trace(`no pin ${options.pin} on Linux\n`);
  }
  read() {
    return 0;
  }
  write() {}
  close() {}
}
