/** Where things are. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** The program under test. */
export const APP = resolve(ROOT, process.env["WHINCHAT_BIN"] ?? "target/debug/whinchat");

/** The program that writes large histories. */
export const FILL = resolve(ROOT, process.env["WHINCHAT_FILL"] ?? "target/debug/fill");

/** The program that plays servers and lines that go wrong. */
export const STAGE = resolve(ROOT, process.env["WHINCHAT_STAGE"] ?? "target/debug/stage");

export const SERVERS = join(ROOT, "src-tauri/crates/testkit/servers");
export const INTEROP = join(ROOT, "target/interop");
export const SCREENSHOTS = join(ROOT, "target/screenshots");

/** A fresh data folder. With E2E_HOMES it lies there and is kept; else `drop` removes it. */
export class Home {
  readonly path: string;
  readonly #kept: boolean;

  constructor() {
    const kept = process.env["E2E_HOMES"];
    const parent = kept === undefined ? tmpdir() : resolve(ROOT, kept);
    mkdirSync(parent, { recursive: true });
    this.path = mkdtempSync(join(parent, "whinchat-home-"));
    this.#kept = kept !== undefined;
  }

  drop(): void {
    if (!this.#kept) {
      rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
}
