import { asBytes, callBoard } from "./board-port.ts";

/** `text/encoder` */
export default class TextEncoder {
  encode(text: string): Uint8Array {
    return asBytes(callBoard("utf8.encode", text));
  }
}
