/** What a socket of the SDK is made with, as far as it matters here. */
interface SocketOptions {
  readonly transport: new (options: object) => object;
  /** Called when the answer comes: nothing more of the request's body matters. True while some of it is not sent. */
  readonly dropBody: () => boolean;
  onReadable(count: number): void;
  onWritable(count: number): void;
}

/**
 * Stands for the socket of the SDK's HTTP client, which throws when an answer comes before the request's body
 * is sent, and then never reads it: an expired upload URL would be a timeout. So at an early answer the rest
 * of the body goes nowhere, at once, and the client is where it can read.
 *
 * A function because the client calls it with `new` and it answers with the socket itself.
 */
export function EarlyAnswerSocket(options: SocketOptions): object {
  const socket = new options.transport({
    ...options,
    onReadable: (count: number) => {
      if (options.dropBody()) {
        // Defined, because a preloaded prototype is frozen and then its properties cannot be assigned over.
        Object.defineProperty(socket, "write", { value: () => Number.MAX_SAFE_INTEGER });
        options.onWritable(Number.MAX_SAFE_INTEGER);
      }
      options.onReadable(count);
    },
  });
  return socket;
}
