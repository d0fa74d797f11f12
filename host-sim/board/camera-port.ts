import type { World } from "../world.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import { type UartFaults, UartLine, UartRing } from "./uart.ts";

/** RING_BYTES of device/esp32/native/uart_ring.c. */
const RING_BYTES = 8192;
/** The driver has no transmit ring: what does not fit the hardware FIFO is not taken. */
const TRANSMIT_FIFO_BYTES = 128;

/** UART2: the two wires to the camera board and the driver's ring. */
export class CameraPort {
  readonly ring = new UartRing(RING_BYTES);
  readonly toFeeder: UartLine;
  readonly #toCamera: UartLine;
  #open = false;

  constructor(
    world: World,
    name: string,
    faults: UartFaults,
    cameraReceives: (bytes: Uint8Array) => void,
  ) {
    this.#toCamera = new UartLine(world, `${name}>camera`, faults, cameraReceives);
    this.toFeeder = new UartLine(world, `camera>${name}`, faults, (bytes) => {
      if (this.#open) this.ring.push(bytes);
    });
  }

  calls(power: PowerCycle): BoardCalls {
    power.atEnd(() => {
      this.#open = false;
    });
    return {
      "uart.open": () => {
        this.#open = true;
        this.ring.clear();
        return 0;
      },
      "uart.read": (into) => this.ring.read(into as Uint8Array),
      "uart.write": (from) => {
        const roomBytes = Math.max(0, TRANSMIT_FIFO_BYTES - this.#toCamera.queuedBytes());
        const taken = (from as Uint8Array).subarray(0, roomBytes);
        if (taken.length > 0) this.#toCamera.send(taken);
        return taken.length;
      },
      "uart.line_errors": () => (this.ring.lostBytes > 0 ? 1 : 0),
      "uart.close": () => {
        this.#open = false;
      },
    };
  }
}
