/**
 * How the start and the memory grow with the history, as ratios within one run. Nothing is asserted: a time on a
 * busy machine proves nothing by itself.
 */
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { afterAll } from "vitest";
import { App } from "../support/app";
import { fill } from "../support/fill";
import { Home } from "../support/places";
import { pss } from "../support/process";
import { test } from "../support/test";
import { pause, until } from "../support/wait";

const STARTS = 7;
const SMALL = 100_000;
const LARGE = 1_000_000;

/** As many as the page holds: what is more than this costs the history, not the fonts and the rows on the screen. */
const SCREENFUL = 200;

/** Memory is read when it has not changed by more than this part between two looks. */
const STEADY = 0.01;
const LOOK_MS = 1_000;

const homes: Home[] = [];

afterAll(() => homes.forEach((home) => home.drop()));

function filled(count: number): string {
  const home = new Home();
  homes.push(home);
  fill(home.path, count);
  return home.path;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** When the process started, in ms since 1970 (proc(5): field 22 of stat, in ticks since boot; btime). */
function startedAt(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const perSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  // `btime` has whole seconds only; the uptime has hundredths.
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return Date.now() - (uptime - ticks / perSecond) * 1000;
}

/** From the start of the process to the frame that shows `mark`, in ms. */
async function startTime(home: string, mark: string): Promise<number> {
  const app = await App.open({ home });
  try {
    const painted = await until(`the mark ${mark}`, () =>
      app.session.run((name) => {
        const [entry] = performance.getEntriesByName(name);
        return entry === undefined ? null : performance.timeOrigin + entry.startTime;
      }, mark),
    );
    return painted - startedAt(app.session.pid);
  } finally {
    await app.quit();
  }
}

async function memory(home: string, mark: string): Promise<number> {
  const app = await App.open({ home });
  try {
    await until(`the mark ${mark}`, () =>
      app.session.run((name) => performance.getEntriesByName(name).length > 0, mark),
    );
    let last = 0;
    return await until("the memory to be steady", async () => {
      await pause(LOOK_MS);
      const next = pss(app.session.pid);
      const isSteady = Math.abs(next - last) < next * STEADY;
      last = next;
      return isSteady && next;
    });
  } finally {
    await app.quit();
  }
}

test("start to the first painted row", async () => {
  const empty = filled(0);
  const full = filled(SMALL);
  // The first start of each makes the web view's own files.
  await startTime(empty, "first-paint");
  await startTime(full, "first-row");
  const times: { empty: number[]; full: number[] } = { empty: [], full: [] };
  for (let turn = 0; turn < STARTS; turn += 1) {
    times.empty.push(await startTime(empty, "first-paint"));
    times.full.push(await startTime(full, "first-row"));
  }
  const [without, with100k] = [median(times.empty), median(times.full)];
  console.log(
    `start to first paint, median of ${STARTS}: empty ${without.toFixed(0)} ms, ` +
      `${SMALL} messages ${with100k.toFixed(0)} ms, ratio ${(with100k / without).toFixed(2)}   (aim: at most 1.30)`,
  );
}, 900_000);

test("memory of the process tree", async () => {
  const without = await memory(filled(0), "first-paint");
  const some = await memory(filled(SCREENFUL), "first-row");
  const with1m = await memory(filled(LARGE), "first-row");
  const mib = (kib: number) => `${(kib / 1024).toFixed(0)} MiB`;
  console.log(
    `PSS of the process tree: empty ${mib(without)}, ${SCREENFUL} messages ${mib(some)}, ${LARGE} messages ` +
      `${mib(with1m)}; ratio to empty ${(with1m / without).toFixed(2)}   (aim: at most 1.15), ` +
      `to ${SCREENFUL} messages ${(with1m / some).toFixed(2)}`,
  );
}, 900_000);
