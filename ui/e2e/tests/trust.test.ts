/** A certificate that nobody vouches for, and a secret that is not at hand: what is shown, asked, kept and not kept. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect } from "vitest";
import { say } from "../../src/i18n/truth";
import { wordsOf } from "../../src/i18n/words";
import type { App } from "../support/app";
import { KEY } from "../support/driver";
import { pasted, press, tabTo, textOf } from "../support/keys";
import { expectChinese, expectReadable, LOOKS, setLook } from "../support/looks";
import { type Faults, Stage } from "../support/stage";
import { test } from "../support/test";
import { until } from "../support/wait";

/** The SHA-256 of the certificate that a server shows, in lower case without colons. */
function fingerprint(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase());
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

const isDisabled = (app: App, name: string): Promise<boolean> =>
  app.session.run((hook) => document.querySelector<HTMLButtonElement>(`[data-test="${hook}"]`)?.disabled ?? true, name);

test("a certificate that fails is shown, and trusted for its own server alone, by keys alone", async ({ open }) => {
  const stage = await Stage.start<Faults>("faults");
  try {
    const { expired, selfSigned } = stage.said;
    const app = await open();
    await app.addServer(expired);
    await app.status("stopped");
    await tabTo(app, "trust-now");
    await press(app, KEY.enter);
    await app.see("trust-why", '[data-fault="expired"]');
    for (const [language, theme] of LOOKS) {
      const state = `the question of trust, ${language}, ${theme}`;
      await setLook(app, language, theme);
      const words = wordsOf(language);
      await until(`words in ${language}`, async () => (await textOf(app, "trust-dialog")).includes(words.trust.sure));
      expect((await textOf(app, "trust-why")).toLowerCase()).toContain(say(language, "tls.expired").toLowerCase());
      expect(await textOf(app, "trust-server")).toBe(new URL(expired).host);
      expect(await textOf(app, "certificate-subject")).not.toBe("");
      expect(await textOf(app, "certificate-issuer")).toContain("The authority of a test");
      expect(await textOf(app, "certificate-validity")).toContain("2021");
      expect((await textOf(app, "certificate-fingerprint")).replaceAll(/[^0-9a-f]/gi, "").toLowerCase()).toBe(await fingerprint(expired));
      expect(await isDisabled(app, "trust-yes")).toBe(true);
      if (language === "zh-CN") await expectChinese(app, state);
      await expectReadable(app, "trust-dialog", state);
      await app.picture(`trust-${language}-${theme}`);
    }
    await setLook(app, "en", "light");
    await tabTo(app, "trust-sure");
    await press(app, " ");
    await until("the answer to be possible", async () => !(await isDisabled(app, "trust-yes")));
    await tabTo(app, "trust-yes");
    await press(app, KEY.enter);
    await app.gone("trust-dialog");
    await app.status("online");
    await app.say("trusted");
    await app.row("trusted", { sender: "server" });

    // One certificate for one server: another is asked about as before.
    await app.addServer(selfSigned);
    await app.status("stopped");
    await app.click("trust-now");
    await app.see("trust-why", '[data-fault="unknownIssuer"]');
    expect((await textOf(app, "certificate-fingerprint")).replaceAll(/[^0-9a-f]/gi, "").toLowerCase()).toBe(await fingerprint(selfSigned));
    await app.click("trust-no");
    await app.gone("trust-dialog");
    await app.status("stopped");
  } finally {
    await stage.end();
  }
}, 300_000);

/** A bus on which nobody keeps secrets, since there is none. */
const NO_KEYRING = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };

/** Every file below a folder that has this text in it. */
function holding(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

test("without a keyring a secret is asked for, kept until the end and told so, and written nowhere", async ({ open, home }) => {
  const stage = await Stage.start<Faults>("faults");
  try {
    const { guarded, token } = stage.said;
    const words = wordsOf("en");
    const app = await open({ env: NO_KEYRING });
    await app.session.resize(1200, 800);
    await app.click("add-server");
    await app.fillIn("account-url", guarded);
    await app.click("account-log-in");
    await app.click("log-in-kind", '[data-value="bearer"]');
    await app.click("account-save");
    await app.gone("account-dialog");
    await app.status("stopped");

    await tabTo(app, "secret-now");
    await press(app, KEY.enter);
    await app.see("secret-dialog");
    for (const [language, theme] of LOOKS) {
      const state = `the question for a secret, ${language}, ${theme}`;
      await setLook(app, language, theme);
      await until(`words in ${language}`, async () => (await textOf(app, "secret-where")) === wordsOf(language).secretDialog.noKeyring);
      if (language === "zh-CN") await expectChinese(app, state);
      await expectReadable(app, "secret-dialog", state);
      await app.picture(`secret-${language}-${theme}`);
    }
    await setLook(app, "en", "light");
    await press(app, "not the token" + KEY.enter);
    await app.gone("secret-dialog");
    await until("the refusal", async () => (await app.status("stopped")).includes(say("en", "refusal.unauthorized", { status: 401 })));
    await tabTo(app, "secret-now");
    await press(app, KEY.enter);
    await until("the refusal to be told", async () => (await textOf(app, "secret-dialog")).includes(words.secretDialog.refused));
    await press(app, token + KEY.enter);
    await app.gone("secret-dialog");
    await app.status("online");
    await app.say("let in");
    await app.row("let in", { sender: "server" });

    await app.click("open-truth");
    await app.see("secret", '[data-kind="logIn"][data-kept="session"]');
    expect(await textOf(app, "secret")).toContain(words.truth.keptSince.noKeyring);
    await app.picture("secret-kept");
    await app.click("copy-report");
    await until("the copy to be told of", async () => (await textOf(app, "copy-outcome")) === words.truth.copied);
    const report = await pasted(app);
    expect(report).toContain(words.truth.keptSince.noKeyring);
    for (const left of [token, "not the token", "let in"]) expect(report).not.toContain(left);
    await app.quit();
    expect(holding(home, token)).toEqual([]);
    expect(holding(home, "let in"), "a check that finds something").not.toEqual([]);

    const again = await open({ env: NO_KEYRING });
    await again.status("stopped");
    await again.see("secret-now");
  } finally {
    await stage.end();
  }
}, 300_000);
