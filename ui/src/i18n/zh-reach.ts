/** The words of the account form for reaching a server: addresses, log-in, proxy, trust, in simplified Chinese. */
import type { reachWords } from "./en-reach";

export const reachWordsZh: typeof reachWords = {
  reach: {
    fallbacks: "备用地址",
    fallbacksHint: "同一台服务器的其他地址，第一个连不上时使用",
    addFallback: "添加地址",
    removeFallback: "删除这个地址",
    compress: "提供压缩（permessage-deflate）",

    logIn: "登录",
    logInKind: "服务器如何认出你",
    logInKinds: {
      none: "不登录",
      protocol: "服务器上的账号和密码",
      basic: "用户名和密码",
      bearer: "令牌",
      cookie: "会话标记（Cookie）",
      query: "写在地址里",
      header: "写在请求头里",
    },
    user: "用户名",
    account: "账号名",
    accountHint: "密码属于服务器本身时留空",
    parameter: "参数的名称",
    header: "请求头的名称",
    secret: {
      protocol: "密码",
      basic: "密码",
      bearer: "令牌（Bearer）",
      cookie: "Cookie 请求头，名称=值",
      query: "参数的值",
      header: "请求头的值",
    },
    keeps: "存入系统的密钥环；没有密钥环时只保留到程序结束，绝不写入文件。",
    stays: "留空则沿用已保存的",

    proxy: "代理",
    proxyKind: "经由谁连接服务器",
    proxyKinds: { system: "跟随系统", none: "不用代理", http: "HTTP 代理", socks5: "SOCKS5 代理" },
    host: "主机",
    port: "端口",
    optional: "可不填",
    password: "密码",

    trust: "证书",
    authorities: "另外信任的签发机构",
    authoritiesHint: "PEM 文件的路径",
    certificate: "你的证书",
    certificateHint: "PEM 或 PKCS#12 文件的路径",
    key: "你的私钥",
    keyHint: "PEM 文件的路径；已在证书文件里则留空",
    keyPassword: "私钥或文件的密码",
    pins: "你信任的证书",
    removePin: (server) => `不再信任 ${server}`,

    hint: {
      secretAddress: "这个地址里似乎有机密，而地址以明文保存。如果服务器允许，请改用“登录”：其中的机密保存在密钥环里。",
      secretHeader: (name) => `“${name}”里似乎有机密，而请求头以明文保存。请改用“登录”：其中的机密保存在密钥环里。`,
      secretSubprotocol: "子协议里似乎有机密，而子协议以明文保存。如果服务器允许，请改用“登录”：其中的机密保存在密钥环里。",
      plainFallback: "与第一个地址不同，它以 ws:// 开头：使用它时，消息将不受保护地传输。",
    },
    wrong: {
      host: "请输入代理的主机。",
      port: "端口必须是 1 到 65535 之间的数字。",
      user: "请输入用户名。",
      name: "请输入名称。",
    },
  },
};
