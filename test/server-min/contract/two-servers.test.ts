import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openPostgres } from "../../../server-min/storage/postgres.ts";
import { bucketSettings, makeBucket, S3_ENDPOINT } from "../../services/s3-service.ts";
import { PASSWORD } from "../identity/closed-server.ts";
import { joinRoomWith } from "../room-client.ts";
import { PHOTO, PHOTO_SHA256 } from "../server-fixture.ts";
import { makeFolder, start } from "../started-server.ts";
import { openAedes } from "./brokers.ts";
import { makePostgresUrl, POSTGRES_URL } from "./databases.ts";

const onServices = test.skipIf(POSTGRES_URL === undefined || S3_ENDPOINT === undefined);

/** What servers that are one have in common: a Postgres, a bucket, a broker, their secrets and the password. */
async function shareAll() {
  const database = { url: await makePostgresUrl() };
  const objects = bucketSettings(await makeBucket());
  const shared = {
    ...{ database, objects, mqtt: await openAedes() },
    secretsFile: join(await makeFolder(), "secrets.json"),
    adminPassword: PASSWORD,
  };
  return { database, open: () => start(shared) };
}

interface Asking {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(
  { url }: { readonly url: string },
  what: string,
  { body, headers = {} }: Asking = {},
) {
  const [method = "GET", path = "/"] = what.split(" ");
  const text = body === undefined ? null : JSON.stringify(body);
  const answer = await fetch(`${url}${path}`, { method, headers, body: text });
  expect([what, answer.ok]).toEqual([what, true]);
  const answered = await answer.text();
  return { headers: answer.headers, body: answered === "" ? {} : JSON.parse(answered) };
}

async function logIn(server: { readonly url: string }) {
  const session = await ask(server, "POST /v1/session", { body: { password: PASSWORD } });
  const cookie = session.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
  return { headers: { cookie } };
}

onServices(
  "two servers on one Postgres, bucket and broker are one, whichever is asked",
  async () => {
    const { open } = await shareAll();
    const [one, other] = [await open(), await open()];

    // A session of one is a session of the other.
    const operator = await logIn(one);

    // A feeder asks one to let it in, the operator lets it in at the other.
    const deviceId = "feeder-1";
    const shown = await ask(one, "POST /v1/enrolment", { body: { deviceId } });
    const { claimCode, deviceCode } = shown.body;
    await ask(other, `POST /v1/enrolments/${claimCode}/approve`, operator);
    const enrolled = await ask(one, "POST /v1/enrolment/token", { body: { deviceId, deviceCode } });
    const feeder = { headers: { Authorization: `Bearer ${enrolled.body.token}` } };
    expect((await ask(other, "POST /v1/device-token", feeder)).body.token).toEqual(
      expect.any(String),
    );

    // Its photo goes to one, and a viewer at the other sees every stage of it.
    const viewing = await ask(one, "POST /v1/viewer-token", operator);
    const viewer = await joinRoomWith(other, viewing.body.token);
    const found = await ask(one, `GET /v1/discovery/${deviceId}`, feeder);
    const roomToken = new URL(found.body.signal_ws).searchParams.get("token") ?? "";
    const room = await joinRoomWith(one, roomToken);
    const capture = { deviceId, kind: "photos", contentType: "image/jpeg", captureId: "c1" };
    const said = { capturedAt: "2026-05-01T12:00:00Z", size: PHOTO.length, sha256: PHOTO_SHA256 };
    const { body: grant } = await ask(one, "POST /v1/presign/put", {
      ...feeder,
      body: { ...capture, ...said },
    });
    const put = { method: "PUT", headers: grant.headers, body: PHOTO };
    expect((await fetch(grant.uploadUrl, put)).status).toBe(200);
    const status = { status: "success", captureId: "c1", attempt: 1, key: grant.key };
    room.send({ type: "event.upload_status", payload: status, bootId: "boot", seq: 1 });
    await viewer.until("event.photo");
    const [acked] = (await viewer.until("event.upload_status")).slice(-1);
    expect(acked).toMatchObject({ deviceId, payload: { status: "gallery_ack", captureId: "c1" } });

    const index = await ask(other, `GET /v1/index/${deviceId}/2026-05-01`, operator);
    expect(index.body.events).toMatchObject([{ id: "c1", sha256: PHOTO_SHA256 }]);
    const picture = await fetch(`${other.url}/v1/objects/${grant.key}`, operator);
    expect(Buffer.from(await picture.arrayBuffer())).toEqual(PHOTO);

    // Who logs out at one is out at the other, and both have one log of it all.
    await ask(other, "DELETE /v1/session", operator);
    expect((await fetch(`${one.url}/v1/devices`, operator)).status).toBe(401);
    expect([...one.notices, ...other.notices].join("\n")).not.toMatch(/Error/);
  },
);

onServices(
  "of two servers that start at once, what is over goes once, and nobody stumbles",
  async () => {
    const { database, open } = await shareAll();
    const before = await open();
    const operator = await logIn(before);
    const issued = await ask(before, "POST /v1/devices/feeder-1/token", operator);
    const feeder = { headers: { Authorization: `Bearer ${issued.body.token}` } };
    const keys: string[] = [];
    for (const captureId of ["c1", "c2", "c3"]) {
      const capture = {
        deviceId: "feeder-1",
        kind: "photos",
        contentType: "image/jpeg",
        captureId,
      };
      const { body: grant } = await ask(before, "POST /v1/presign/put", {
        ...feeder,
        body: { ...capture, capturedAt: "2026-05-01T12:00:00Z" },
      });
      const put = { method: "PUT", headers: grant.headers, body: PHOTO };
      expect((await fetch(grant.uploadUrl, put)).status).toBe(200);
      keys.push(grant.key);
    }
    await ask(before, `PUT /v1/objects/${keys[0]}/saved`, operator);
    await before.close();
    const sql = await openPostgres(database.url, () => {});
    onTestFinished(() => sql.destroy());
    const longAgoMs = Date.now() - 40 * 86_400_000;
    await sql.updateTable("objects").set({ stored_at_ms: longAgoMs }).execute();

    const [one, other] = await Promise.all([open(), open()]);
    const freed = () =>
      sql.selectFrom("objects").select("key").where("freed_at_ms", "is not", null).execute();
    await expect.poll(async () => (await freed()).length, { timeout: 20_000 }).toBe(2);
    for (const server of [one, other]) {
      const day = await ask(server, "GET /v1/index/feeder-1/2026-05-01", operator);
      expect(day.body.events).toMatchObject([{ id: "c1", saved: true }]);
      const gone = await fetch(`${server.url}/v1/objects/${keys[1]}`, operator);
      expect(gone.status).toBe(404);
    }
    await Promise.all([one.close(), other.close()]);
    expect([...one.notices, ...other.notices].join("\n")).not.toMatch(/Error/);
  },
);
