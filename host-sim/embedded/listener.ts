import { callBoard, callForNumber, listen } from "./board-port.ts";
import TCP from "./tcp.ts";

/** `embedded:io/socket/listener` */
export default class Listener {
  readonly #target: number;

  constructor(options: { port: number; onReadable?: (count: number) => void }) {
    this.#target = listen((_event, [count]) => options.onReadable?.(Number(count)));
    callBoard("listener.open", this.#target, options.port);
  }

  read(): TCP | undefined {
    const handle = callForNumber("listener.read", this.#target);
    return handle === 0 ? undefined : new TCP({}, handle);
  }
}
