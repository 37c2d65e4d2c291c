/** The words of the account form for reaching a server: addresses, log-in, proxy, trust, in English. */

export const reachWords = {
  reach: {
    fallbacks: "Further addresses",
    fallbacksHint: "of the same server, tried when the first cannot be reached",
    addFallback: "Add an address",
    removeFallback: "Remove this address",
    compress: "Offer compression (permessage-deflate)",

    logIn: "Log-in",
    logInKind: "How the server knows you",
    logInKinds: {
      none: "Not at all",
      protocol: "Name and password there",
      basic: "User and password",
      bearer: "Token",
      cookie: "Cookie",
      query: "In the address",
      header: "In a header",
    },
    user: "User",
    account: "Account name",
    accountHint: "empty when the password is the server’s own",
    parameter: "Name of the parameter",
    header: "Name of the header",
    secret: {
      protocol: "Password",
      basic: "Password",
      bearer: "Token (Bearer)",
      cookie: "Cookie header, name=value",
      query: "Value of the parameter",
      header: "Value of the header",
    },
    keeps: "Goes to the system’s keyring; without one it is kept until Whinchat ends, never in a file.",
    stays: "leave empty to keep the stored one",

    proxy: "Proxy",
    proxyKind: "Through whom the server is reached",
    proxyKinds: { system: "As the system", none: "None", http: "HTTP", socks5: "SOCKS5" },
    host: "Host",
    port: "Port",
    optional: "optional",
    password: "Password",

    trust: "Certificates",
    authorities: "Further authorities to trust",
    authoritiesHint: "path of a PEM file",
    certificate: "Your certificate",
    certificateHint: "path of a PEM or PKCS#12 file",
    key: "Your private key",
    keyHint: "path of a PEM file; empty when it is in the certificate’s file",
    keyPassword: "Password of the key or file",
    pins: "Certificates that you trust",
    removePin: (server: string) => `Trust ${server} no longer`,

    hint: {
      secretAddress:
        "This address seems to hold a secret, and addresses are kept in plain text. If the server allows it, use the log-in instead: its secret goes to the keyring.",
      secretHeader: (name: string) =>
        `“${name}” seems to hold a secret, and headers are kept in plain text. Use the log-in instead: its secret goes to the keyring.`,
      secretSubprotocol:
        "A secret seems to stand among the subprotocols, and they are kept in plain text. If the server allows it, use the log-in instead: its secret goes to the keyring.",
      plainFallback: "It begins with ws://, unlike the first address: while it is in use, messages would travel unprotected.",
    },
    wrong: {
      host: "Type the proxy’s host.",
      port: "The port must be a number from 1 to 65535.",
      user: "Type the user.",
      name: "Type the name.",
    },
  },
};
