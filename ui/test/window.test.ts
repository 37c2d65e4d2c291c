import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeBridge } from "../src/bridge/fake";
import type { BellFate } from "../src/bridge/fake-store";
import { plainConfig } from "../src/bridge/fake-config";
import type { Row } from "../src/bridge/generated";
import { App } from "../src/model/app";
import { MAX_ROWS, KEEP_ROWS, comparePlaces, withChanges, withOlder, type Window } from "../src/model/window";
import { HandWorld } from "./support/world";

type Step =
  | { kind: "say"; count: number }
  | { kind: "backfill"; at: number }
  | { kind: "change" | "remove"; which: number }
  | { kind: "pull" | "older" | "newer" | "newest" | "late" }
  | { kind: "leave"; which: number };

const which = fc.nat({ max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("say" as const), count: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("backfill" as const), at: which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("change" as const, "remove" as const), which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("pull" as const, "older" as const, "newer" as const, "newest" as const, "late" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const), which }) },
);
const fates = fc.array(fc.constantFrom<BellFate>("pass", "drop", "double", "late"), { minLength: 1, maxLength: 20 });

async function waited<T>(value: T, turns: number): Promise<T> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  return value;
}

/** The rows that the store has where the window stands. */
function storeWithin(rows: readonly Row[], window: Window): readonly Row[] {
  const first = window.rows.at(0);
  const last = window.rows.at(-1);
  if (first === undefined || last === undefined) return window.hasNewer || window.hasOlder ? [] : rows;
  return rows.filter(
    (row) =>
      comparePlaces(row.place, first.place) >= 0 && (!window.hasNewer || comparePlaces(row.place, last.place) <= 0),
  );
}

describe("the window", () => {
  it("invariant 11: equals the store whatever happens to bells", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fates, fc.integer({ min: 20, max: 400 }), async (steps, luck, max) => {
        const world = new HandWorld();
        const bridge = new FakeBridge(world.at);
        bridge.maxChanges = max;
        const { conversation } = bridge.account(plainConfig("ws://a/"), { kind: "off" });
        let bells = 0;
        let answers = 0;
        // Answers are late, by turns before and after the core has looked.
        bridge.carry = async (answer) => {
          const delay = (luck[answers++ % luck.length] ?? "pass").length;
          if (delay % 2 === 0) return waited(answer(), delay);
          await waited(null, delay);
          return answer();
        };
        bridge.fate = () => luck[bells++ % luck.length] ?? "pass";
        const app = new App(bridge, world);
        app.start(conversation);
        await world.settle();
        const timeline = app.room.value?.timeline;
        if (timeline === undefined) throw new Error("the conversation is not open");
        for (const one of steps) {
          const rows = bridge.rows(conversation);
          const held = timeline.window.value?.rows ?? [];
          switch (one.kind) {
            case "say":
              for (let at = 0; at < one.count; at += 1) {
                bridge.clock += 1000;
                bridge.say(conversation, { kind: "server" }, "x");
              }
              break;
            case "backfill":
              bridge.say(conversation, { kind: "server" }, "old", (rows[one.at % (rows.length || 1)]?.place.sort ?? 0) - 1);
              break;
            case "change":
              bridge.change(rows[one.which % (rows.length || 1)]?.place.id ?? 0, (item) => ({ ...item }));
              break;
            case "remove":
              bridge.remove(rows[one.which % (rows.length || 1)]?.place.id ?? 0);
              break;
            case "leave":
              timeline.following.set(false);
              timeline.anchor = held[one.which % (held.length || 1)]?.place.id ?? null;
              break;
            case "late":
              bridge.ringLate();
              break;
            case "pull":
              await world.settle();
              break;
            case "older":
              void app.read((open) => open.older());
              break;
            case "newer":
              void app.read((open) => open.newer());
              break;
            case "newest":
              void app.read((open) => open.newest());
              break;
          }
        }
        await world.settle();
        // Without any further bell, one tick brings everything up to date.
        await world.pass(10_000);
        const window = timeline.window.value;
        if (window === null) throw new Error("nothing was read");
        const rows = bridge.rows(conversation);
        expect(window.rows).toEqual(storeWithin(rows, window));
        expect(window.rows.length).toBeLessThanOrEqual(MAX_ROWS);
        expect(window.hasOlder).toBe(rows[0]?.place.id !== window.rows[0]?.place.id);
        expect(window.hasNewer).toBe(rows.at(-1)?.place.id !== window.rows.at(-1)?.place.id);
        if (timeline.following.value) expect(window.hasNewer).toBe(false);
        app.stop();
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  const row = (id: number, rev = 1): Row => ({
    place: { sort: id, id },
    rev,
    item: { kind: "gap", from: 0, until: null, healing: { kind: "unavailable" } },
  });
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => row(from + at));
  const delta = { kind: "delta" as const, removed: [], hasOlder: false, hasNewer: false, rev: 9 };

  it("keeps the rows around the reader when it grows too long", () => {
    const window: Window = { rows: rows(0, 290), hasOlder: false, hasNewer: false, rev: 1 };
    const upserts = rows(290, 330);
    const following = withChanges(window, { ...delta, upserts }, "newest");
    expect(following.rows.map((kept) => kept.place.id)).toEqual(rows(130, 330).map((kept) => kept.place.id));
    expect(following).toMatchObject({ hasOlder: true, hasNewer: false });
    const reading = withChanges(window, { ...delta, upserts }, 250);
    expect(reading.rows).toHaveLength(KEEP_ROWS);
    expect(reading.rows.some((kept) => kept.place.id === 250)).toBe(true);
    const early = withChanges(window, { ...delta, upserts }, 5);
    expect(early.rows.some((kept) => kept.place.id === 5)).toBe(true);
    expect(early).toMatchObject({ hasOlder: false, hasNewer: true });
  });

  it("takes no row that does not adjoin it", () => {
    const window: Window = { rows: rows(0, 10), hasOlder: false, hasNewer: true, rev: 1 };
    const next = withChanges(window, { ...delta, hasNewer: true, upserts: [row(50, 9)] }, "newest");
    expect(next.rows).toHaveLength(10);
    expect(next.hasNewer).toBe(true);
  });

  it("never puts an older copy of a row over a newer one", () => {
    const window: Window = { rows: [row(1), row(2, 7)], hasOlder: true, hasNewer: false, rev: 7 };
    const next = withOlder(window, { rows: [row(0), row(2, 3)], hasOlder: false, hasNewer: true, rev: 3 });
    expect(next.rows.map((kept) => kept.rev)).toEqual([1, 1, 7]);
    expect(next.rev).toBe(7);
  });
});
