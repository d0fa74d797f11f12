/** Stands for embedded:io/analog on Linux, which has no pins: every input reads 0. */
export default class Analog {
  constructor(options) {
    trace(`no pin ${options.pin} on Linux\n`);
  }
  get resolution() {
    return 12;
  }
  read() {
    return 0;
  }
  close() {}
}
