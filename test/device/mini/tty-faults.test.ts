/** The camera on a terminal that is none, that goes away, or that nobody reads for a while. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkedCamera, describeCamera } from "./lock-step-camera.ts";
import { picturesFolder } from "./pictures-folder.ts";
import { encodeWireFrame, TYPE } from "./wire-frame.ts";

const HELLO = encodeWireFrame({
  type: TYPE.hello,
  payload: Buffer.from(
    JSON.stringify({
      protocol: 1,
      bootId: "12-0a1b2c3d-1",
      maxFrame: 1038,
      window: 8,
      buffer: 8192,
      answer: false,
    }),
  ),
});

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill();
});

function cameraOn(path: string) {
  const camera = spawn(checkedCamera(), ["--tty", path, "--folder", picturesFolder()]);
  running.push(camera);
  return camera;
}

async function ended(camera: ChildProcess) {
  let errors = "";
  camera.stderr?.on("data", (bytes: Buffer) => {
    errors += bytes.toString();
  });
  const [status] = await once(camera, "close");
  return { status, errors };
}

/** Python holds the other side. The camera's is closed here when the camera has it: then it is gone with Python. */
const TERMINAL = `
import os, pty, select, sys, time, tty
ours, theirs = pty.openpty()
tty.setraw(theirs)
sys.stderr.write(os.ttyname(theirs) + "\\n")
sys.stderr.flush()
os.read(ours, 1)
os.close(theirs)
`;

/** More hellos than answers find room, at the pace of the line; nothing is read before the last. */
const DEAF = `
hello = bytes.fromhex(sys.argv[1])
for _ in range(110):
    os.write(ours, hello)
    time.sleep(0.025)
while select.select([ours], [], [], 1)[0]:
    os.write(1, os.read(ours, 65536))
`;

async function terminal(...args: readonly string[]) {
  const python = spawn("python3", ["-c", ...args]);
  running.push(python);
  const [name] = await once(python.stderr, "data");
  return { python, path: String(name).trim() };
}

describeCamera("the camera's terminal", () => {
  test("is one, or is left as it is", async () => {
    const path = join(picturesFolder({}, []), "notes.txt");
    writeFileSync(path, "not to be overwritten");
    const errors = `skyfeeder-camera: ${path}: not a terminal\n`;
    expect(await ended(cameraOn(path))).toEqual({ status: 1, errors });
    expect(readFileSync(path, "utf8")).toBe("not to be overwritten");
  });

  test("is missed when it is gone", async () => {
    const { path } = await terminal(TERMINAL);
    const errors = "skyfeeder-camera: the terminal is gone\n";
    expect(await ended(cameraOn(path))).toEqual({ status: 1, errors });
  });

  test("gets the rest of a frame as soon as it has room again", async () => {
    const { python, path } = await terminal(TERMINAL + DEAF, HELLO.toString("hex"));
    const camera = cameraOn(path);
    const chunks: Buffer[] = [];
    python.stdout.on("data", (bytes: Buffer) => chunks.push(bytes));
    await once(python, "close");
    camera.kill();
    const heard = Buffer.concat(chunks);
    // More than a pseudo-terminal holds.
    expect(heard.length).toBeGreaterThan(16_384);
    expect(heard.at(-1)).toBe(0);
  });
});
