/**
 * Killed again and again while it sends and receives 1,000 numbered messages: each is there once and in order, every
 * state is true, and the server saw nothing twice. E2E_SEED repeats a run, E2E_ROUNDS shortens it.
 */
import { expect } from "vitest";
import type { Row } from "../../src/bridge/generated";
import { type App, textOf } from "../support/app";
import { test } from "../support/test";
import { pause, until } from "../support/wait";

const ROUNDS = Number(process.env["E2E_ROUNDS"] ?? 50);
const PER_ROUND = 20;

const TOTAL = ROUNDS * PER_ROUND;

/** The kill comes at most this long after the first send: by then the last of a round has been echoed. */
const LATEST_MS = 400;

/** What the page knows when it was last asked. */
interface Known {
  /** Numbers whose `send` was answered. */
  readonly answered: number[];
  /** Numbers whose echo stood in the store. */
  readonly echoed: number[];
}

/** Mulberry32: a small generator whose whole state is its seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Writes the messages from `from` to before `end` in the page, one after the other as a person would, and reads what
 * has come back. Waits for none of it. The name of an intent is its number's, so that a message whose answer a kill cut
 * off is written again under the same name.
 */
function begin(app: App, conversation: number, from: number, end: number): Promise<void> {
  return app.session.run(
    (room, first, last) => {
      const page = window as unknown as {
        __TAURI_INTERNALS__: { invoke: (name: string, args: unknown) => Promise<unknown> };
        known: { answered: number[]; echoed: number[] };
      };
      const known = { answered: [] as number[], echoed: [] as number[] };
      page.known = known;
      const { invoke } = page.__TAURI_INTERNALS__;
      const write = async (): Promise<void> => {
        for (let number = first; number < last; number += 1) {
          await invoke("send", { txn: `kill-${number}`, conversation: room, text: `#${number}` });
          known.answered.push(number);
        }
      };
      const look = async (): Promise<void> => {
        const { rows } = (await invoke("latest", { conversation: room, count: 80 })) as { rows: Row[] };
        known.echoed = rows.flatMap(({ item }) =>
          item.kind === "message" && item.sender.kind === "server" && item.body.spans[0]?.kind === "text"
            ? [Number(item.body.spans[0].text.slice(1))]
            : [],
        );
        await look();
      };
      write().catch(() => undefined);
      look().catch(() => undefined);
    },
    conversation,
    from,
    end,
  );
}

function ask(app: App): Promise<Known> {
  return app.session.run(() => (window as unknown as { known: Known }).known);
}

/** Kills the app `after` ms from now, and returns what it was last known to know. */
async function killAfter(app: App, after: number): Promise<Known> {
  let known: Known = { answered: [], echoed: [] };
  let isOver = false;
  const end = pause(after).then(() => {
    isOver = true;
    return app.session.kill();
  });
  while (!isOver) {
    // An answer that the kill cuts off is no answer.
    known = await ask(app).catch(() => known);
  }
  await end;
  return known;
}

function numbers(rows: readonly Row[], sender: "me" | "server"): number[] {
  return rows.flatMap((row) =>
    row.item.kind === "message" && row.item.sender.kind === sender ? [Number((textOf(row) ?? "").slice(1))] : [],
  );
}

function doubled(list: readonly number[]): number[] {
  return list.filter((number, index) => list.indexOf(number) !== index);
}

test(`${ROUNDS} kills while sending and receiving lose and double nothing`, async ({ open, serve }) => {
  const seed = Number(process.env["E2E_SEED"] ?? Date.now() % 2 ** 31);
  console.log(`E2E_SEED=${seed}`);
  const random = chance(seed);
  const server = await serve("node");
  const setup = await open();
  const account = await setup.addAccount({ url: server.url, name: "Echo" });
  const conversation = await setup.conversationOf(account);
  await setup.online(account);
  await setup.quit();

  const answered = new Set<number>();
  const echoed = new Set<number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const app = await open();
    if (round % 2 === 0) {
      // Half of the kills meet a connection, half a start.
      await app.online(account);
    }
    const next = answered.size;
    await begin(app, conversation, next, Math.min(next + PER_ROUND, TOTAL));
    const known = await killAfter(app, random() * LATEST_MS);
    known.answered.forEach((number) => answered.add(number));
    known.echoed.forEach((number) => echoed.add(number));
  }

  const last = await open();
  await last.online(account);
  const cutShort = answered.size;
  await begin(last, conversation, cutShort, TOTAL);
  for (let written = 0; written < TOTAL - cutShort; ) {
    // The fewer the kills let through, the more is left: it takes as long as it goes on.
    const before = written;
    written = await until("the rest to be written", async () => {
      const { length } = (await ask(last)).answered;
      return length > before && length;
    });
  }
  const rows = await until("the outbox to be empty and every echo to be in", async () => {
    const found = await last.stored(conversation);
    const isBusy = found.some(
      ({ item }) =>
        item.kind === "message" && (item.delivery?.kind === "queued" || item.delivery?.kind === "sending"),
    );
    return !isBusy && found;
  });
  const own = numbers(rows, "me");
  const echoes = numbers(rows, "server");
  const received = server.received.map((text) => Number(text.slice(1)));
  console.log(
    `answered before a kill ${cutShort}, stored ${own.length}, received ${received.length}, echoes ${echoes.length} ` +
      `(${echoed.size} of them seen before a kill)`,
  );

  const all = Array.from({ length: TOTAL }, (_, number) => number);
  expect(own, "each is there once, in the order in which it was written").toEqual(all);
  expect(doubled(received), "seen twice by the server").toEqual([]);
  expect(doubled(echoes), "echoes stored twice").toEqual([]);
  expect(echoes.filter((number) => !received.includes(number)), "echoes of nothing").toEqual([]);
  expect([...echoed].filter((number) => !echoes.includes(number)), "committed echoes that are gone").toEqual([]);

  expect(received, "the server heard them in the same order").toEqual([...received].sort((one, other) => one - other));

  for (const row of rows) {
    if (row.item.kind === "message" && row.item.sender.kind === "me") {
      const text = textOf(row) ?? "";
      const delivery = row.item.delivery?.kind;
      expect(["sent", "unconfirmed"], `${text} is ${delivery}`).toContain(delivery);
      if (delivery === "sent") {
        expect(server.received, `${text} is called sent`).toContain(text);
      }
    }
  }
  const sent = rows.filter(({ item }) => item.kind === "message" && item.delivery?.kind === "sent").length;
  expect(sent, "most of it is known to have arrived").toBeGreaterThan(TOTAL / 2);
  expect(cutShort, "the kills left time for something to be written").toBeGreaterThan(ROUNDS);
}, 1_800_000);
