import { describe, expect, test } from "vitest";
import { HOME_WIFI } from "../../../host-sim/network/home-wifi.ts";
import { SERVER_URL } from "../../../host-sim/stage.ts";
import { hasTerminals, onTerminal } from "../running-command.ts";
import { startBareBoard } from "./bare-board.ts";

const WRONG = "not-the-passphrase";
const ENTER = "\r";
const DOWN = "\u001b[B";
const CTRL_C = "\u0003";
const BACKSPACE = "\u007f";

function provisionAt(port: string) {
  return onTerminal(`${process.execPath} cli/skyfeeder.js provision --port ${port}`);
}

describe.skipIf(!hasTerminals)("somebody at a terminal", () => {
  test.concurrent("chooses a network, mistypes its password, and reads the claim code", async () => {
    using board = await startBareBoard();
    const running = provisionAt(board.port);
    await running.answer(/◆ +Network[\s\S]*Nachbar ü/, DOWN);
    await running.answer(/● +Nachbar ü/, `\u001b[A${ENTER}`);
    await running.answer(/◆ +Password of garden/, `short${ENTER}`);
    await running.answer(/8 to 63 characters/, `${BACKSPACE.repeat(5)}${WRONG}${ENTER}`);
    await running.answer(/◆ +Server, as feeders reach it/, `192.168.1.10${ENTER}`);
    await running.answer(
      /http:\/\/HOST:PORT or https:\/\/HOST/,
      `${BACKSPACE.repeat(12)}${SERVER_URL}${ENTER}`,
    );
    await running.answer(/◆ .*Try again\?/, ENTER);
    await running.answer(/◆ +Network[\s\S]*garden/, ENTER);
    await running.answer(/◆ +Password of garden/, `${HOME_WIFI.passphrase}${ENTER}`);
    const { code, stdout } = await running.end();
    expect(code).toBe(0);
    expect(board.feeder.claimCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(stdout).toContain(board.feeder.claimCode);
    for (const typed of [WRONG, HOME_WIFI.passphrase]) expect(stdout).not.toContain(typed);
  }, 120_000);

  test.concurrent("who leaves at a question has changed nothing, and has the terminal back", async () => {
    // A network's name is its owner's, and a terminal obeys it.
    using board = await startBareBoard({ ssid: "gar\u001b]0;x\u0007den" });
    const running = provisionAt(board.port);
    await running.answer(/◆ +Network[\s\S]*gar\\x1b\]0;x\\x07den/, CTRL_C);
    const { code, stdout } = await running.end();
    expect(code).toBe(1);
    expect(stdout).not.toContain("\u001b]0;");
    expect(stdout).toContain("(cancelled)");
    // The cursor that a question hides.
    expect(stdout.lastIndexOf("\u001b[?25h")).toBeGreaterThan(stdout.lastIndexOf("\u001b[?25l"));
    expect(board.feeder.board.nvs.get("skyfeeder/wifi")).toBeUndefined();
  }, 120_000);
});
