/** A command line for `websocat` that does what a frame did, without any secret in it. */
import type { AccountConfig, ConsoleFrame } from "../bridge/generated";
import { readHex, bytesOf } from "./bytes";
import { addressParts, isOpaque, maySecret, redactHost, redactPath } from "./redact";

/** What a user puts in the place of a secret. */
const SECRET = "SECRET";

/** The command that connects as `config` does to `url`, and sends `frame` when that is one of ours. */
export function websocatCommand(config: AccountConfig, url: string, frame: ConsoleFrame | null): string {
  const sent = frame !== null && frame.direction === "out" ? inputOf(frame) : null;
  const words = ["websocat", ...(sent?.options ?? []), quote(addressOf(config, url))];
  // Where a browser cannot set headers, a token goes among the subprotocols.
  const names = config.subprotocols.map((name) => (isOpaque(name) ? SECRET : name));
  if (names.length > 0) words.push(`--protocol=${quote(names.join(","))}`);
  if (config.origin !== "") words.push(`--origin=${quote(config.origin)}`);
  for (const { name, value } of config.headers) words.push(header(name, maySecret(name, value) ? SECRET : value));
  words.push(...logIn(config));
  const command = words.join(" ");
  return sent === null ? command : `${sent.producer} | ${command}`;
}

function addressOf(config: AccountConfig, url: string): string {
  // A fragment is never sent.
  const { scheme, host, path, query } = addressParts(url);
  const parts = query === null ? [] : query.split("&").filter((part) => part !== "");
  const kept = parts.map((part) => {
    const [name = "", value = ""] = part.split(/=(.*)/s, 2);
    // Without a value it is a token itself, where it looks like one.
    if (value.replaceAll("=", "") === "" && isOpaque(part)) return SECRET;
    return maySecret(name, value) ? `${name}=${SECRET}` : part;
  });
  if (config.logIn.kind === "query") {
    const { name } = config.logIn;
    if (!kept.some((part) => part.startsWith(`${name}=`))) kept.push(`${name}=${SECRET}`);
  }
  const safe = `${scheme}${redactHost(host, SECRET)}${redactPath(path, SECRET)}`;
  return kept.length === 0 ? safe : `${safe}?${kept.join("&")}`;
}

function logIn(config: AccountConfig): string[] {
  switch (config.logIn.kind) {
    case "none":
    case "query":
    // Said inside of the protocol, and no part of the handshake.
    case "protocol":
      return [];
    case "basic":
      return [`-H="Authorization: Basic $(printf '%s' ${quote(`${config.logIn.user}:${SECRET}`)} | base64)"`];
    case "bearer":
      return [header("Authorization", `Bearer ${SECRET}`)];
    case "cookie":
      return [header("Cookie", SECRET)];
    case "header":
      return [header(config.logIn.name, SECRET)];
  }
}

/** `websocat` wants the equals sign: without it one `-H` eats what follows. */
function header(name: string, value: string): string {
  return `-H=${quote(`${name}: ${value}`)}`;
}

/** What comes in is one message, not a line each, and the connection stays open after it. */
const WHOLE = ["--no-line", "--no-close"];

/** How the payload comes into the command; `null`: a control frame, which is not sent by hand. */
function inputOf({ content }: ConsoleFrame): { producer: string; options: string[] } | null {
  switch (content.kind) {
    case "text":
      // A control character in a pasted line would be the terminal's to obey.
      return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(content.text)
        ? { producer: `printf '%b' ${quote(octal(content.text))}`, options: ["--text", ...WHOLE] }
        : { producer: `printf '%s' ${quote(content.text)}`, options: ["--text", ...WHOLE] };
    case "binary": {
      const bytes = readHex(content.hex) ?? [];
      return { producer: `printf '%b' ${quote(bytes.map(escape).join(""))}`, options: ["--binary", ...WHOLE] };
    }
    case "ping":
    case "pong":
    case "close":
    case "secret":
      return null;
  }
}

/** A text for `printf '%b'`: control characters as octal bytes, all else as it is. */
function octal(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) => bytesOf(char).map(escape).join(""));
}

function escape(byte: number): string {
  return `\\0${byte.toString(8).padStart(3, "0")}`;
}

/** One word for a POSIX shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
