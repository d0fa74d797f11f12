/** Stands for embedded:io/pwm on Linux, which has no pins. */
export default class PWM {
  constructor(options) {
    trace(`no pin ${options.pin} on Linux\n`);
  }
  get resolution() {
    return 10;
  }
  write() {}
  close() {}
}
