/**
 * The cable is pulled while somebody writes, the program ends and starts again, the cable is put back: each message
 * arrives once, in order, and every state that was shown on the way was true. The states are recorded in the page, as
 * they are painted, from the first to the last.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Truth } from "../../src/bridge/generated";
import type { App } from "../support/app";
import { Stage } from "../support/stage";
import { test } from "../support/test";
import { until } from "../support/wait";

/** What stood on the screen, change by change. */
interface Recording {
  /** The states of the account, as the status line had them. */
  readonly status: string[];
  /** The states of each of our messages, by its text. */
  readonly messages: Record<string, string[]>;
}

/** Begins to record. Every change of the page is looked at before the next frame is painted. */
function record(app: App): Promise<void> {
  return app.session.run(() => {
    const page = window as unknown as { recording: Recording };
    const recording: Recording = { status: [], messages: {} };
    page.recording = recording;
    const note = (list: string[], state: string | undefined) => {
      if (state !== undefined && state !== "" && list.at(-1) !== state) {
        list.push(state);
      }
    };
    const look = () => {
      note(recording.status, document.querySelector<HTMLElement>('[data-test="status-line"]')?.dataset["status"]);
      for (const row of document.querySelectorAll<HTMLElement>('[data-test="row"][data-sender="me"]')) {
        const text = row.querySelector('[data-test="row-text"]')?.textContent ?? "";
        note((recording.messages[text] ??= []), row.dataset["delivery"]);
      }
    };
    look();
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ["data-status", "data-delivery"],
    });
  });
}

function recording(app: App): Promise<Recording> {
  return app.session.run(() => (window as unknown as { recording: Recording }).recording);
}

/** The texts that the server has, in the order in which they came, whatever the connection. */
function heard(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes("\t"))
    .map((line) => line.slice(line.indexOf("\t") + 1));
}

test("the cable is pulled while three messages are written, and pulled it stays over a restart", async ({ open }) => {
  const folder = mkdtempSync(join(tmpdir(), "whinchat-cable-"));
  const heardFile = join(folder, "record");
  const line = await Stage.start<{ url: string }>("line", heardFile);
  try {
    const first = await open();
    await first.addServer(line.said.url, "Room");
    await first.status("online");
    await record(first);
    await first.say("before");
    await first.row("before", { sender: "me", delivery: "sent" });

    // From here on not a byte passes, and nobody says so.
    await line.tell("dead");
    await first.say("one");
    await first.row("one", { delivery: "sending" });
    expect(await first.status("online"), "nobody can know yet").not.toBe("");
    // The first wait may be over before a frame shows it, and the next has another reason: the tries tell.
    await first.status("waiting");
    const account = (await first.sidebar()).accounts[0]?.id;
    const { attempts } = await first.session.invoke<Truth>("truth", { account });
    const ends = attempts.flatMap(({ outcome }) => (outcome.kind === "ended" ? [outcome.reason.kind] : []));
    expect(ends, "why the line was given up").toEqual(["silent"]);
    await first.row("one", { delivery: "unconfirmed" });
    await first.picture("cable-pulled");
    // Whether it arrived cannot be known, so the user chooses.
    await first.click("retry");
    await first.row("one", { delivery: "queued" });
    await first.say("two");
    await first.say("three");
    await first.row("three", { delivery: "queued" });
    const before = await recording(first);
    await first.quit();

    const second = await open();
    await second.row("three", { delivery: "queued" });
    await record(second);
    // A dial meets the dead line too.
    await second.status("waiting");
    expect(heard(heardFile)).toEqual(["before"]);
    const offline = await recording(second);

    // What was on the pulled cable is gone with its connections. The line's system took "one" off ours, which no cable does
    // that is out, and would hand it on in spite of our reset; what is still in our own system is the matter of link `late.rs`.
    await line.tell("cut");
    await line.tell("whole");
    const button = await second.session.find('[data-test="connect-now"]');
    if (button !== null) {
      await second.session.click(button).catch(() => undefined);
    }
    for (const text of ["one", "two", "three"]) {
      await second.row(text, { sender: "me", delivery: "sent" });
    }
    await second.status("online");
    const after = await recording(second);
    await second.picture("cable-back");

    expect(heard(heardFile), "each once, in order").toEqual(["before", "one", "two", "three"]);
    const own = (await second.rows()).filter((row) => row.sender === "me").map((row) => row.text);
    expect(own).toEqual(["before", "one", "two", "three"]);
    await until("the gap to be closed and told", async () => (await second.sees("gap")) || null);

    // The recording, from the first state to the last.
    expect(before.messages["before"]?.join(" ")).toMatch(/^(queued )?(sending )?sent$/);
    expect(before.messages["one"]?.join(" ")).toMatch(/^(queued )?sending unconfirmed queued$/);
    expect(before.messages["two"]).toEqual(["queued"]);
    expect(before.messages["three"]).toEqual(["queued"]);
    expect(before.status.join(" ")).toMatch(/^online( (connecting|waiting))+$/);
    expect(offline.status, "no line is online while the cable is out").not.toContain("online");
    for (const text of ["one", "two", "three"]) {
      expect(offline.messages[text]).toEqual(["queued"]);
      expect(after.messages[text]?.join(" "), text).toMatch(/^queued (sending )?sent$/);
    }
    expect(after.messages["before"]).toEqual(["sent"]);
    expect(after.status.slice(offline.status.length).join(" ")).toMatch(/^((connecting|waiting) )*online$/);
  } finally {
    await line.end();
    rmSync(folder, { recursive: true, force: true });
  }
});
