import type { S3Bucket } from "../machine/s3-bucket.ts";

interface ListedKey {
  readonly key: string;
  readonly bytes: number;
}

/** ListObjectsV2, page by page. */
export async function* listedKeys(bucket: S3Bucket, prefix: string): AsyncGenerator<ListedKey> {
  let token: string | undefined;
  do {
    const from = token === undefined ? {} : { "continuation-token": token };
    const query = { "list-type": "2", prefix, ...from };
    const { body } = await bucket.send({ method: "GET", query });
    const page = Buffer.from(body).toString();
    for (const [, contents = ""] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const key = textOf(contents, "Key");
      if (key !== undefined) yield { key, bytes: Number(textOf(contents, "Size") ?? 0) };
    }
    token = textOf(page, "NextContinuationToken");
  } while (token !== undefined);
}

/** Keys of ours have nothing that XML escapes; a token may. */
function textOf(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text?.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
