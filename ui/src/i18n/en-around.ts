/** The words around the conversations, in English: arranging them, going to them, being told of them, how the window looks. */

export const aroundWords = {
  tending: {
    notify: "Notifications",
    usual: (rule: string) => `As usual: ${rule.toLowerCase()}`,
    rules: { all: "All messages", mentions: "What names you", nothing: "Nothing" },
    isMuted: "It is muted",
    pin: "Pin",
    unpin: "Unpin",
    pinned: "pinned",
    mute: "Mute",
    unmute: "Unmute",
    muted: "muted",
    up: "Move up",
    down: "Move down",
    atEnd: "There is nothing to move past",
    fold: "Fold",
    unfold: "Unfold",
    join: "Join a room…",
    truth: "The truth about the connection",
    edit: "Edit…",
    connect: "Connect",
    disconnect: "Disconnect",
    remove: "Remove…",
  },

  switcher: {
    title: "Go to",
    hint: "Conversation, server or command",
    none: "Nothing by that name",
    nothing: "There is nowhere else to go yet.",
    commands: {
      add: "Add a server",
      join: "Join a room",
      settings: "Settings",
      help: "Keyboard",
      truth: "The truth about the connection",
    },
  },

  look: {
    contrast: "High contrast",
    density: "Space",
    comfortable: "Comfortable",
    compact: "Compact",
    zoom: "Size",
    larger: "Larger",
    smaller: "Smaller",
    percent: (zoom: number) => `${zoom} %`,
  },

  told: {
    preview: "Notifications show",
    text: "Who, where and what",
    hidden: "Who and where",
    quiet: "Quiet hours",
    quietHint: "Nothing is notified then; what is unread is counted.",
    quietOn: "Be quiet every day",
    from: "From",
    until: "Until",
    parts: { look: "Look", told: "Notifications", program: "Program" },
  },
};
