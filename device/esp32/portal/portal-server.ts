import { PORTAL_CONNECTIONS_MAX, PORTAL_REQUEST_MS } from "../limits.ts";
import type { Time } from "../ports.ts";
import type { DatagramServer, StreamServer } from "../setup-ports.ts";
import { answerDns } from "./dns-answer.ts";
import type { PortalRequest } from "./http-request.ts";
import type { PortalAnswer } from "./portal-answer.ts";
import { PortalConnection } from "./portal-connection.ts";

const DNS_PORT = 53;
const HTTP_PORT = 80;

/** Every name is the board, and every connection one request. */
export function servePortal(
  ports: {
    readonly time: Time;
    readonly datagrams: DatagramServer;
    readonly streams: StreamServer;
  },
  address: readonly number[],
  answer: (request: PortalRequest) => PortalAnswer,
): void {
  let open = 0;
  ports.datagrams.listen(DNS_PORT, (query) => answerDns(query, address));
  ports.streams.listen(HTTP_PORT, (stream) => {
    if (open === PORTAL_CONNECTIONS_MAX) return undefined;
    open++;
    const connection = new PortalConnection(stream, answer, () => {
      open--;
      deadline.cancel();
    });
    const deadline = ports.time.after(PORTAL_REQUEST_MS, () => connection.close());
    return connection;
  });
}
