import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openBroker } from "../mqtt-fixture.ts";

/** Everything here is shorter than the 16,384 bytes whose length takes a third byte. */
function packet(type: number, ...parts: (string | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const length =
    body.length < 128 ? [body.length] : [(body.length % 128) | 128, Math.floor(body.length / 128)];
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

function text(value: string): string {
  return `\0${String.fromCharCode(value.length)}${value}`;
}

/** QoS 2, from a client that never releases what it sent. */
function publish(messageId: number): Buffer {
  return packet(0x34, text("skyfeeder/feeder-1/event/x"), [0, messageId], "x".repeat(9_000));
}

test("a client that releases nothing of what it sends with QoS 2 is hung up on, and others are served", async () => {
  const { url, join, bugs } = await openBroker();
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const login = [text("one"), text("feeder-1"), text("token")].join("");
  socket.write(packet(0x10, text("MQTT"), [4, 0b1100_0000, 0, 60], login));
  let answered = "";
  socket.on("data", (bytes) => {
    answered += bytes.toString("latin1");
  });
  for (let messageId = 1; messageId <= 20; messageId += 1) socket.write(publish(messageId));
  await expect.poll(() => answered.split("P\x02").length - 1, { timeout: 10_000 }).toBe(20);
  const closed = once(socket, "close");
  socket.write(publish(21));
  await closed;
  const other = await join("feeder-2 token");
  await other.send("skyfeeder/feeder-2/event/visit", { captureId: "c1" });
  expect(bugs).toEqual([]);
});
