/** Taking out of words what may be secret, before they leave the window. */
import type { Reason, Refusal } from "../bridge/generated";

/** What stands in the place of what was taken out. */
export const REDACTED = "…";

/** Names of parameters and headers whose values may be secret. */
const SECRET_NAME = /token|key|secret|auth|pass|pwd|sig|session|jwt|cookie|credential|ticket|code/i;

/** A word in such a name that says so: `key` does, `keyboard` does not. */
const SECRET_WORD = /^(?:\w*(?:token|secret|password|passwd|jwt|apikey|signature|credentials?)|key|auth|pass|pwd|sig|session|cookie|ticket)$/i;

/** A value this long is no word that a person typed. */
const LONG = 24;

/** A part of a path this long may be a token. */
const TOKEN = 16;

/** A part of a path after which a secret of any length stands. */
const BEFORE_SECRET = /^(?:(?:access|api|auth)?[-_.]?(?:token|key)|secret|jwt|ticket|password|pass)s?$/i;

/** One after which a secret often stands, but not always. */
const BEFORE_DOUBT =
  /^(?:\w*[-_.])?(?:auth|bearer|code|cookie|credential|hook|invit(?:e|ation)|join|key|login|magic|otp|pass(?:word|wd)?|pin|pwd|secret|session|sess|sid|sig(?:nature)?|ticket|token|webhook)s?$/i;

/** One after which every part may be secret: `/webhooks/7/a1b2`. */
const BEFORE_SECRETS = /^(?:\w*[-_.])?(?:web)?hooks?$/i;

/** What is no secret after such a one. */
const NO_SECRET = /^(?:ws|wss|websockets?|sockets?|v\d+|api|chat|stream|events|login)?$/i;

/** Whether a word may be a token: long, of a token's letters, and not what a person would name something. */
export function isOpaque(word: string): boolean {
  if (word.length < TOKEN || !/^[\w.~+=%!$&'()*,:@-]+$/.test(word)) return false;
  return /\d/.test(word) || (/[a-z]/.test(word) && /[A-Z]/.test(word)) || /^(?:[a-f]+|[A-Z]+)$/.test(word) || /\w{25}/.test(word);
}

/** The parts of an address: what none of them stands for is empty, and `null` a query or fragment that is not there. */
export interface AddressParts {
  /** `wss://` */
  readonly scheme: string;
  /** The log-in and the host with its port. */
  readonly host: string;
  readonly path: string;
  readonly query: string | null;
  readonly fragment: string | null;
}

/** Takes an address apart, one that nobody can connect to as well: then rather too much is taken for its log-in. */
export function addressParts(url: string): AddressParts {
  const scheme = /^(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}|^[a-z][a-z0-9+.-]*:[/\\]/i.exec(url)?.[0] ?? "";
  const rest = url.slice(scheme.length);
  const plain = /^[^/\\?#]*/.exec(rest)?.[0] ?? "";
  // A colon and no port after it: a password may go on behind what ends a host.
  const broken = !plain.includes("@") && /:(?!\d*$)[^\]]*$/.test(plain);
  const host = broken ? (/^.*@[^/\\?#]*/s.exec(rest)?.[0] ?? plain) : plain;
  const [, path = "", query = null, fragment = null] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(rest.slice(host.length)) ?? [];
  return { scheme, host, path, query, fragment };
}

/** A host in which `instead` stands for the log-in before it. */
export function redactHost(host: string, instead: string): string {
  return host.replace(/^.*@/s, `${instead}@`);
}

/** A path in which `instead` stands for each part that may be secret. */
export function redactPath(path: string, instead: string): string {
  return redactParts(path, instead, isToken, true);
}

function redactParts(path: string, instead: string, token: (word: string) => boolean, doubting: boolean): string {
  let before = "";
  let hooked = false;
  return path.replace(/[^/\\]+/g, (part) => {
    const [word = "", ...parameters] = part.split(";");
    const doubted = doubting && (hooked || BEFORE_DOUBT.test(before)) && !NO_SECRET.test(word);
    const secret = token(word) || BEFORE_SECRET.test(before) || doubted;
    hooked ||= BEFORE_SECRETS.test(word);
    before = word;
    return [secret ? instead : word, ...parameters.map((one) => valueless(one, instead))].join(";");
  });
}

/** Whether a word may be a token, whatever stands between its letters. */
function isToken(word: string): boolean {
  return isOpaque(word.replace(/[^\w.~+=%!$&'()*,:@-]+/g, ""));
}

/** What ends with the only equals sign may be a token in base64. */
function valueless(parameter: string, instead: string): string {
  return /=+[^=]/.test(parameter) ? parameter.replace(/=.*/s, `=${instead}`) : instead;
}

/** An address without a log-in before its host, the values in its query, its fragment, and what may be a token in its path. */
export function redactUrl(url: string): string {
  return redactAddress(url, isToken);
}

function redactAddress(url: string, token: (word: string) => boolean): string {
  const { scheme, host, path, query, fragment } = addressParts(url);
  const kept = query?.split("&").map((part) => valueless(part, REDACTED));
  return [
    scheme,
    redactHost(host, REDACTED),
    redactParts(path, REDACTED, token, true),
    kept === undefined ? "" : `?${kept.join("&")}`,
    fragment === null ? "" : `#${REDACTED}`,
  ].join("");
}

/**
 * A reason without a word that came from the other side: a server may say a token back. The code and the kind stay, and
 * they are what our own sentences are made of. (A certificate stays too: it is public, and shown before any log-in.)
 */
export function redactReason(reason: Reason): Reason {
  switch (reason.kind) {
    case "closed":
    case "badAddress":
    case "dns":
    case "unreachable":
    case "tls":
    case "notWebSocket":
    case "dropped":
    case "notLetIn":
    case "brokenFrames":
    case "proxy":
    case "file":
    case "internal":
      return { ...reason, text: "" };
    case "status":
      return { ...reason, text: "", refusal: redactRefusal(reason.refusal) };
    case "subprotocol":
      return { ...reason, chosen: reason.chosen === null ? null : REDACTED };
    case "refused":
    case "timedOut":
    case "secret":
    case "silent":
    case "tooBig":
      return reason;
  }
}

function redactRefusal(refusal: Refusal): Refusal {
  switch (refusal.kind) {
    case "unauthorized":
      return { ...refusal, challenge: null };
    case "redirect":
      return { ...refusal, location: null };
    case "forbidden":
    case "notFound":
    case "tooMany":
    case "other":
      return refusal;
  }
}

/**
 * A text with each address in it as {@link redactUrl} gives it. Anything may stand in a secret, so an address goes on to the
 * next one or to the end of the line, and its query to the end of the line. It is a net: what is known to be an address is
 * better given to {@link redactUrl} as a whole.
 */
export function redactText(text: string): string {
  const address = /(?:\b[a-z][a-z0-9+.-]*:[/\\]|\/)(?:(?!\b[a-z][a-z0-9+.-]*:\/\/)[^?#\n])*(?:[?#].*)?/gi;
  const token = (words: string): boolean => words.split(/\s+/).some(isToken);
  return text.replace(address, (found) => redactAddress(found, token));
}

/** Whether the value of a parameter or header may be a secret: rather once too often, where it would leave the window. */
export function maySecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || value.length > LONG || isOpaque(value);
}

/** Whether the value of a parameter or header seems to be a secret: rarely too often, where a person is told so. */
export function seemsSecret(name: string, value: string): boolean {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").split(/[^A-Za-z]+/);
  return value !== "" && (words.some((word) => SECRET_WORD.test(word)) || value.split(/\s+/).some(isOpaque));
}

/** Whether a secret seems to stand in an address: in its query, or in its path. */
export function addressSeemsSecret(url: string): boolean {
  const { path, query } = addressParts(url);
  const parameters = (query ?? "").split("&").map((part) => part.split(/=(.*)/s, 2));
  return redactParts(path, REDACTED, isOpaque, false) !== path || parameters.some(([name = "", value = ""]) => seemsSecret(name, value));
}
