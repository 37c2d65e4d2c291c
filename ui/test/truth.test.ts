import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Outcome, Phase, Reason, Refusal, TlsFault } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { durationWords, fill, say, SLOTS, stepTimeWords, TRUTH } from "../src/i18n/truth";
import type { TruthName, TruthTongue } from "../src/i18n/truth";
import { wordsOf } from "../src/i18n/words";
import { isPardonable } from "../src/model/phases";
import { adviceOf, outcomeSentence, phaseSentence, reasonDetail, reasonSentence, stepName } from "../src/model/reason";

interface Said<Input> {
  readonly input: Input;
  readonly words: Readonly<Record<TruthTongue, string>>;
}

/** What the Rust side says to the same inputs: written by the tests of the crate `words`. */
interface Golden {
  readonly reasons: readonly (Said<Reason> & { detail: Record<TruthTongue, string> })[];
  readonly outcomes: readonly Said<Outcome>[];
  readonly phases: readonly (Said<Phase> & { step: Record<TruthTongue, string> })[];
  readonly durations: readonly Said<number>[];
  readonly stepTimes: readonly Said<number>[];
  readonly pardonable: readonly { readonly input: TlsFault; readonly is: boolean }[];
}

const golden = JSON.parse(readFileSync(new URL("golden/truth.json", import.meta.url), "utf8")) as Golden;
const tongues: readonly TruthTongue[] = ["en", "zh-CN"];
const names = Object.keys(TRUTH.en) as TruthName[];
const slotsOf = (template: string): string[] => [...template.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "").sort();

describe("the sentences about a connection", () => {
  it("are the same ones in both languages, with the slots that the window fills", () => {
    expect(Object.keys(TRUTH["zh-CN"]).sort()).toEqual([...names].sort());
    const slots: Partial<Record<TruthName, readonly string[]>> = SLOTS;
    for (const name of names) {
      for (const tongue of tongues) expect(slotsOf(TRUTH[tongue][name]), name).toEqual([...(slots[name] ?? [])].sort());
    }
  });

  it("are Chinese in Chinese", () => {
    for (const name of names) {
      // A sentence around a value alone has nothing to translate.
      if (name !== "close.said") expect(TRUTH["zh-CN"][name], name).toMatch(/\p{Script=Han}/u);
    }
  });

  it("take no value for a slot, and leave a slot without a value as it is", () => {
    expect(fill("{a} and {b}", { a: "{b}", b: "{a}" })).toBe("{b} and {a}");
    expect(fill("{toString} {x}", {})).toBe("{toString} {x}");
    expect(say("en", "reason.dns", { host: "$& {host}" })).toBe("no address was found for $& {host}");
  });
});

describe("the window and the command line say the same", () => {
  it.each(tongues)("in %s", (tongue) => {
    const format = formatOf(tongue, "UTC");
    for (const { input, words, detail } of golden.reasons) {
      expect(reasonSentence(format, input)).toBe(words[tongue]);
      expect(reasonDetail(tongue, input)).toBe(detail[tongue]);
    }
    for (const { input, words } of golden.outcomes) expect(outcomeSentence(format, input)).toBe(words[tongue]);
    for (const { input, words, step } of golden.phases) {
      expect(phaseSentence(tongue, input, "{host}")).toBe(words[tongue]);
      expect(stepName(tongue, input)).toBe(step[tongue]);
    }
    for (const { input, words } of golden.durations) expect(durationWords(tongue, input)).toBe(words[tongue]);
    for (const { input, words } of golden.stepTimes) expect(stepTimeWords(tongue, input)).toBe(words[tongue]);
  });

  it("of the certificates that may be trusted all the same", () => {
    for (const { input, is } of golden.pardonable) expect(isPardonable(input), input).toBe(is);
  });

  it("about everything that there is a sentence for", () => {
    // What is said as it stands, or is chosen by the engine's contract, needs no comparison.
    const compared = names.filter((name) => !/^(field|value|next|address|fault)\./.test(name));
    const said = [
      ...[...golden.reasons, ...golden.outcomes, ...golden.phases, ...golden.durations, ...golden.stepTimes].map(
        ({ words }) => words.en,
      ),
      ...golden.phases.map(({ step }) => step.en),
      ...golden.reasons.map(({ detail }) => detail.en),
    ].join("\n");
    const missing = compared.filter((name) => {
      const parts = TRUTH.en[name].split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return !new RegExp(parts.join(".*")).test(said);
    });
    expect(missing).toEqual([]);
    const kinds: Record<Reason["kind"], true> = {
      badAddress: true,
      dns: true,
      refused: true,
      unreachable: true,
      timedOut: true,
      tls: true,
      proxy: true,
      secret: true,
      file: true,
      status: true,
      notWebSocket: true,
      subprotocol: true,
      closed: true,
      dropped: true,
      silent: true,
      tooBig: true,
      notLetIn: true,
      brokenFrames: true,
      internal: true,
    };
    expect([...new Set(golden.reasons.map(({ input }) => input.kind))].sort()).toEqual(Object.keys(kinds).sort());
  });
});

describe("the advice beside a reason", () => {
  const refusals: readonly Refusal[] = [
    { kind: "unauthorized", challenge: null },
    { kind: "forbidden" },
    { kind: "notFound" },
    { kind: "tooMany", retryAfterS: 90 },
    { kind: "redirect", location: null },
    { kind: "other" },
  ];
  const statuses = refusals.map((refusal): Reason => ({ kind: "status", status: 400, refusal, text: "" }));
  const tls = (fault: TlsFault): Reason => ({ kind: "tls", fault, text: "", certificate: null });

  it.each([
    ["en", "Nothing of yours was sent"],
    ["zh-CN", "没有发出你的任何内容"],
  ] as const)("says that nothing was sent only where a certificate was judged, in %s", (tongue, nothing) => {
    const told = (fault: TlsFault): boolean => adviceOf(wordsOf(tongue), tls(fault)).includes(nothing);
    for (const fault of ["expired", "notYetValid", "wrongName", "unknownIssuer", "revoked", "wrongPurpose", "badCertificate", "changed"] as const) {
      expect(told(fault), fault).toBe(true);
    }
    for (const fault of ["clientCertificateWanted", "noCommonVersion", "notTls", "other"] as const) {
      expect(told(fault), fault).toBe(false);
    }
  });

  it.each([
    ["en", [/log-in/, /Log-in and Origin/, /path/, /Waiting/, /address/, /in trouble/]],
    ["zh-CN", [/登录/, /登录和 Origin/, /路径/, /等一等/, /地址/, /出了问题/]],
  ] as const)("is another one for each way to refuse, in %s", (tongue, wanted) => {
    const told = statuses.map((reason) => adviceOf(wordsOf(tongue), reason));
    for (const [at, words] of wanted.entries()) expect(told[at]).toMatch(words);
    expect(new Set(told).size).toBe(statuses.length);
  });

  it("is there for every reason", () => {
    for (const tongue of tongues) {
      for (const { input } of golden.reasons) expect(adviceOf(wordsOf(tongue), input), input.kind).toMatch(/[.?。？]$/);
    }
  });
});
