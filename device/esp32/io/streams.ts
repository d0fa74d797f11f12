import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import type { StreamConnection, StreamEvents, StreamServer } from "../setup-ports.ts";
import type { Enter } from "./entry.ts";

type Accept = (connection: StreamConnection) => StreamEvents | undefined;

export class TcpServer implements StreamServer {
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  listen(portNumber: number, connected: Accept): void {
    const listener = new Listener({
      port: portNumber,
      onReadable: (count) => {
        for (let left = count; left > 0; left--) {
          const from = listener.read();
          if (from !== undefined) this.#enter(() => accept(from, connected, this.#enter));
        }
      },
    });
  }
}

/** What the listener hands out has no callbacks; a second object over the same socket has. */
function accept(from: TCP, connected: Accept, enter: Enter): void {
  let isOpen = true;
  let events: StreamEvents | undefined;
  const close = (): void => {
    isOpen = false;
    socket.close();
  };
  const socket = new TCP({
    from,
    onReadable: () => {
      const bytes = socket.read();
      if (isOpen && bytes instanceof ArrayBuffer)
        enter(() => events?.received(new Uint8Array(bytes)));
    },
    onWritable: (roomBytes) => {
      if (isOpen) enter(() => events?.writable(roomBytes));
    },
    onError: () => {
      if (!isOpen) return;
      close();
      enter(() => events?.closed());
    },
  });
  events = connected({
    // A socket that has failed takes nothing and says nothing: `onError` is on its way.
    write: (bytes) => (isOpen ? Number(socket.write(bytes) ?? 0) : 0),
    close: () => {
      if (isOpen) close();
    },
  });
  if (events === undefined) close();
}
