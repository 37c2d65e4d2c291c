/** Large histories. */
import { execFileSync } from "node:child_process";
import { FILL } from "./places";

export interface Filled {
  readonly account: number;
  readonly conversation: number;
}

/** Adds an account, which is off, with `count` messages to the data folder `home`. */
export function fill(home: string, count: number): Filled {
  return JSON.parse(execFileSync(FILL, [home, String(count)], { encoding: "utf8" })) as Filled;
}
