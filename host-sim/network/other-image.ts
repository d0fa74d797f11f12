import type { ServerPort } from "./internet.ts";

/** Somebody between the feeders and the server who hands out an image of his own for the one that was signed. */
export class OtherImage {
  /** Undefined: nobody is there. */
  image: Uint8Array<ArrayBuffer> | undefined;

  between(server: ServerPort): ServerPort {
    return {
      connect: (url, peer) => server.connect(url, peer),
      request: async (request) => {
        const answer = await server.request(request);
        const { image } = this;
        const isImage = new URL(request.url).pathname.endsWith("/image.bin");
        return image === undefined || !isImage || !answer.ok ? answer : exchange(answer, image);
      },
    };
  }
}

/** The same piece of the other one, as long as was announced. */
function exchange(answer: Response, image: Uint8Array<ArrayBuffer>): Response {
  const [, from = "0", to] =
    /^bytes (\d+)-(\d+)/.exec(answer.headers.get("content-range") ?? "") ?? [];
  const fileOffsetBytes = Number(from);
  const announced = Number(answer.headers.get("content-length") ?? image.length);
  const lengthBytes = to === undefined ? announced : Number(to) + 1 - fileOffsetBytes;
  const piece = new Uint8Array(lengthBytes).fill(0xff);
  piece.set(image.subarray(fileOffsetBytes, fileOffsetBytes + lengthBytes));
  void answer.body?.cancel();
  return new Response(piece, answer);
}
