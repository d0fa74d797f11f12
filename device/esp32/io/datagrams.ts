import UDP from "embedded:io/socket/udp";
import type { DatagramServer } from "../setup-ports.ts";
import type { Enter } from "./entry.ts";

export class UdpServer implements DatagramServer {
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  listen(portNumber: number, answer: (bytes: Uint8Array) => Uint8Array | undefined): void {
    const socket = new UDP({
      port: portNumber,
      onReadable: (count) => {
        for (let left = count; left > 0; left--) {
          const datagram = socket.read();
          // Who sends faster than it is read finds fewer there than were told of.
          if (datagram === undefined) return;
          this.#enter(() => {
            const { address, port } = datagram;
            const reply = answer(new Uint8Array(datagram));
            if (reply !== undefined) send(socket, reply, address, port);
          });
        }
      },
    });
  }
}

/** lwIP refuses when it has no buffer, or when who asked has left the network: whoever still wants to know asks again. */
function send(socket: UDP, reply: Uint8Array, address: string, port: number): void {
  try {
    socket.write(reply, address, port);
  } catch {
    return;
  }
}
