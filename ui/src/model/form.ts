/** The account form: what its fields hold, the configuration that they make, and words for what is wrong with them. */
import type { AccountConfig, FieldView, FormFault, GivenSecret, LogIn, Pin, PresetView, ProtocolView, Proxy } from "../bridge/generated";
import { say } from "../i18n/truth";
import type { Words } from "../i18n/words";
import { addressSeemsSecret, seemsSecret } from "./redact";
import { hostOf, isLoopback } from "./status";

/** The fields as they are typed. Secrets stand in them from the keyboard to the core, and never come back. */
export interface Fields {
  protocol: string;
  /** What protocols ask for themselves. It stays while another protocol is looked at. */
  own: Record<string, string>;
  url: string;
  name: string;
  fallbacks: { url: string }[];
  subprotocols: string;
  origin: string;
  headers: { name: string; value: string }[];
  compress: boolean;
  logIn: { kind: LogIn["kind"]; user: string; name: string; secret: string };
  proxy: { kind: Proxy["kind"]; host: string; port: string; user: string; secret: string };
  trust: { authorities: string; certificate: string; key: string; secret: string; pins: Pin[] };
}

/** Which field a fault belongs to. */
export type FieldName =
  | "url"
  | "fallbacks"
  | "subprotocols"
  | "origin"
  | "headers"
  | "protocol"
  | "logInUser"
  | "logInName"
  | "proxyHost"
  | "proxyPort"
  | "proxyUser"
  | `own ${string}`;

/** The fields for a configuration, or empty ones for a new account that speaks `protocol`. */
export function fieldsOf(config: AccountConfig | null, protocol: string): Fields {
  const logIn = config?.logIn ?? { kind: "none" };
  const proxy = config?.proxy ?? { kind: "system" };
  const trust = config?.trust;
  return {
    protocol: config?.protocol ?? protocol,
    own: { ...config?.fields },
    url: config?.url ?? "",
    name: config?.name ?? "",
    fallbacks: config?.fallbacks.map((url) => ({ url })) ?? [],
    subprotocols: config?.subprotocols.join(" ") ?? "",
    origin: config?.origin ?? "",
    headers: config?.headers.map((header) => ({ ...header })) ?? [],
    compress: config?.compression !== "off",
    logIn: {
      kind: logIn.kind,
      user: "user" in logIn ? logIn.user : "",
      name: "name" in logIn ? logIn.name : "",
      secret: "",
    },
    proxy: {
      kind: proxy.kind,
      host: "host" in proxy ? proxy.host : "",
      port: "port" in proxy ? String(proxy.port) : "",
      user: "user" in proxy ? proxy.user : "",
      secret: "",
    },
    trust: {
      authorities: trust?.authorities ?? "",
      certificate: trust?.certificate ?? "",
      key: trust?.key ?? "",
      secret: "",
      pins: trust?.pins.map((pin) => ({ ...pin })) ?? [],
    },
  };
}

/**
 * The configuration that the fields make; `protocol` is the one that was chosen, where the protocols are known. Headers without name and value, and empty addresses and
 * fields, are left out.
 */
export function configOf(fields: Fields, protocol: ProtocolView | null = null): AccountConfig {
  const own = ownOf(fields, protocol);
  return {
    protocol: fields.protocol,
    url: fields.url.trim(),
    name: fields.name.trim(),
    fallbacks: fields.fallbacks.map(({ url }) => url.trim()).filter((url) => url !== ""),
    subprotocols: fields.subprotocols.split(/[\s,]+/).filter((name) => name !== ""),
    origin: fields.origin.trim(),
    headers: fields.headers
      .map((header) => ({ name: header.name.trim(), value: header.value.trim() }))
      .filter((header) => header.name !== "" || header.value !== ""),
    logIn: logInOf(fields, protocol),
    proxy: proxyOf(fields),
    trust: {
      authorities: fields.trust.authorities.trim(),
      certificate: fields.trust.certificate.trim(),
      key: fields.trust.key.trim(),
      pins: fields.trust.pins.map(({ server, sha256 }) => ({ server, sha256 })),
    },
    compression: fields.compress ? "offer" : "off",
    ...(Object.keys(own).length === 0 ? {} : { fields: own }),
  };
}

/** What the chosen protocol asks for, of all that was typed. */
function ownOf({ own }: Fields, protocol: ProtocolView | null): Record<string, string> {
  const asked = (id: string): boolean => protocol === null || protocol.fields.some((field) => field.id === id);
  const typed = Object.entries(own).map(([id, value]) => [id, value.trim()] as const);
  return Object.fromEntries(typed.filter(([id, value]) => value !== "" && asked(id)));
}

/** Puts a well-known server into the fields; what was typed elsewhere stays. */
export function usePreset(fields: Fields, preset: PresetView): void {
  fields.url = preset.url;
  Object.assign(fields.own, preset.fields);
}

/** How a log-in can be, with this protocol. */
export function logInKinds(protocol: ProtocolView | null): readonly LogIn["kind"][] {
  const all = ["none", "basic", "bearer", "cookie", "query", "header"] as const;
  return protocol?.log_in === true ? ["none", "protocol", ...all.slice(1)] : all;
}

/** What a protocol is called. */
export function protocolName({ protocols }: Words, protocol: ProtocolView): string {
  return protocols[protocol.id] ?? protocol.name;
}

/** What a protocol's field is called. */
export function ownName({ fields }: Words, protocol: string, field: FieldView): string {
  return fields[`${protocol}.${field.id}`] ?? field.name;
}

function logInOf({ logIn }: Fields, protocol: ProtocolView | null): LogIn {
  switch (logIn.kind) {
    case "none":
    case "bearer":
    case "cookie":
      return { kind: logIn.kind };
    case "protocol":
      // Where the protocol knows of no log-in, what was typed waits in the form.
      return protocol?.log_in === false ? { kind: "none" } : { kind: "protocol", user: logIn.user.trim() };
    case "basic":
      return { kind: "basic", user: logIn.user.trim() };
    case "query":
    case "header":
      return { kind: logIn.kind, name: logIn.name.trim() };
  }
}

function proxyOf({ proxy }: Fields): Proxy {
  switch (proxy.kind) {
    case "system":
    case "none":
      return { kind: proxy.kind };
    case "http":
    case "socks5":
      return { kind: proxy.kind, host: proxy.host.trim(), port: portOf(proxy.port) ?? 0, user: proxy.user.trim() };
  }
}

/** A port as typed; `null`: it is none. */
function portOf(typed: string): number | null {
  const port = /^\d{1,5}$/.test(typed.trim()) ? Number(typed) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

/** The secrets that were typed, for what the fields still need them for. */
export function secretsOf(fields: Fields): GivenSecret[] {
  const { logIn, proxy, trust } = fields;
  const secrets: GivenSecret[] = [];
  if (logIn.kind !== "none" && logIn.secret !== "") secrets.push({ kind: "logIn", value: logIn.secret });
  if ((proxy.kind === "http" || proxy.kind === "socks5") && proxy.user.trim() !== "" && proxy.secret !== "") {
    secrets.push({ kind: "proxy", value: proxy.secret });
  }
  if (trust.certificate.trim() !== "" && trust.secret !== "") secrets.push({ kind: "clientKey", value: trust.secret });
  return secrets;
}

/** What is wrong with a field, in words. */
export interface Wrong {
  readonly field: FieldName;
  readonly text: string;
}

/** What a look at the fields alone finds missing; all else that is wrong the core says. */
export function wrongOf({ reach }: Words, fields: Fields): readonly Wrong[] {
  const found: Wrong[] = [];
  const wrong = (field: FieldName, text: string): void => void found.push({ field, text });
  const { logIn, proxy } = fields;
  if (logIn.kind === "basic" && logIn.user.trim() === "") wrong("logInUser", reach.wrong.user);
  if ((logIn.kind === "query" || logIn.kind === "header") && logIn.name.trim() === "") wrong("logInName", reach.wrong.name);
  if (proxy.kind === "http" || proxy.kind === "socks5") {
    if (proxy.host.trim() === "") wrong("proxyHost", reach.wrong.host);
    if (portOf(proxy.port) === null) wrong("proxyPort", reach.wrong.port);
  }
  return found;
}

/** What the user should weigh, in words beside the field; empty: nothing. It keeps nobody from saving. */
export interface Hints {
  readonly url: string;
  readonly fallbacks: readonly string[];
  readonly subprotocols: string;
  readonly headers: readonly string[];
}

/** Secrets that seem to stand where they are kept in plain text, and addresses that protect less than the first. */
export function hintsOf({ reach }: Words, fields: Fields, faults: readonly FormFault[]): Hints {
  const address = (url: string): string => (addressSeemsSecret(url.trim()) ? reach.hint.secretAddress : "");
  const secure = /^\s*wss:/i.test(fields.url);
  return {
    url: address(fields.url),
    fallbacks: fields.fallbacks.map(({ url }) =>
      [secure && leavesPlain(url.trim()) ? reach.hint.plainFallback : "", address(url)].filter((text) => text !== "").join(" "),
    ),
    // Names are made of parts with points between, `v4.channel.k8s.io`: a token is long without one.
    subprotocols: seemsSecret("", fields.subprotocols.replace(/[\s,.]+/g, " ")) ? reach.hint.secretSubprotocol : "",
    headers: fields.headers.map(({ name, value }) => {
      // What the core refuses it says itself.
      const refused = faults.some((fault) => fault.kind === "secretHeader" && fault.value === name.trim());
      return !refused && seemsSecret(name, value.trim()) ? reach.hint.secretHeader(name.trim()) : "";
    }),
  };
}

/** Which parts of the form a configuration uses beyond address and name: they are open from the beginning. */
export function usedParts(config: AccountConfig | null): Readonly<Record<"logIn" | "proxy" | "trust" | "details", boolean>> {
  if (config === null) return { logIn: false, proxy: false, trust: false, details: false };
  const { trust, headers, fallbacks, subprotocols } = config;
  return {
    logIn: config.logIn.kind !== "none",
    proxy: config.proxy.kind !== "system",
    trust: trust.authorities !== "" || trust.certificate !== "" || trust.key !== "" || trust.pins.length > 0,
    details: subprotocols.length + headers.length + fallbacks.length > 0 || config.origin !== "" || config.compression === "off",
  };
}

/** Whether messages of this account leave the computer unencrypted. */
export function travelsPlain(config: AccountConfig): boolean {
  return leavesPlain(config.url);
}

function leavesPlain(url: string): boolean {
  return /^ws:/i.test(url) && !isLoopback(hostOf(url));
}

/** The field that a fault belongs to. */
export function fieldOf(fault: FormFault): FieldName {
  switch (fault.kind) {
    case "address":
      return "url";
    case "subprotocol":
      return "subprotocols";
    case "header":
    case "secretHeader":
      return "headers";
    case "logInUser":
      return "logInUser";
    case "logInName":
      return "logInName";
    case "proxyHost":
      return "proxyHost";
    case "proxyUser":
      return "proxyUser";
    case "proxyPort":
      return "proxyPort";
    case "fallback":
      return "fallbacks";
    case "origin":
      return "origin";
    case "field":
      return `own ${fault.id}`;
    case "protocol":
      return "protocol";
  }
}

/** The faults of a field that are told: of the address when it was `touched`, of all else what was typed or was `wanted`. */
export function toldFaults(
  faults: readonly FormFault[],
  field: FieldName,
  touched: boolean,
  wanted: boolean,
): readonly FormFault[] {
  return faults.filter((fault) => {
    if (fieldOf(fault) !== field) return false;
    return fault.kind === "address" ? touched : wanted || fault.value !== "";
  });
}

/** A fault in words; `protocol` is the one that was chosen. */
export function faultSentence(words: Words, fault: FormFault, protocol: ProtocolView | null = null): string {
  const { tongue } = words;
  if (fault.kind === "field") {
    const field = protocol?.fields.find(({ id }) => id === fault.id);
    const name = protocol === null || field === undefined ? fault.id : ownName(words, protocol.id, field);
    return fault.value.trim() === "" ? words.fieldMissing(name) : say(tongue, "fault.field", { id: name, value: fault.value });
  }
  if (fault.kind !== "address") return say(tongue, `fault.${fault.kind}`, { value: fault.value });
  return fault.fault === "other"
    ? say(tongue, "address.other", { text: fault.text })
    : say(tongue, `address.${fault.fault}`);
}
