import vm from "node:vm";
import type { BoardCall, Engine, GuestDispatch } from "./guest-port.ts";
import { createRealm } from "./realm.ts";

/** Boards of one image share its compiled script. */
const scripts = new Map<string, vm.Script>();

function compiled(javascript: string): vm.Script {
  const known = scripts.get(javascript);
  if (known !== undefined) return known;
  const script = new vm.Script(javascript, { filename: "firmware.js" });
  scripts.set(javascript, script);
  return script;
}

/** Runs a bundle in a V8 context of its own that has only what XS has. A busy loop cannot be cut here. */
export const nodeEngine: Engine = (javascript, board) => {
  const realm = createRealm(board);
  let dispatch: GuestDispatch = () => {};
  const call: BoardCall = (operation, args) => board.call(operation, args);
  const listen = (listener: GuestDispatch): void => {
    dispatch = listener;
  };
  Reflect.set(realm, "__board", { call, listen });
  compiled(javascript).runInContext(realm);
  return { dispatch: (target, event, args) => dispatch(target, event, args) };
};
