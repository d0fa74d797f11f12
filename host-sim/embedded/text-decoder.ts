import { callBoard } from "./board-port.ts";

/** `text/decoder` */
export default class TextDecoder {
  decode(bytes: Uint8Array): string {
    return String(callBoard("utf8.decode", bytes));
  }
}
