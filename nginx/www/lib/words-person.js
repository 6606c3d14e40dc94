// Every sentence of the browse page on one's account and what one watched, by key.

export const words = {
  sign: {
    in: 'Sign in', up: 'Create an account', forgot: 'Forgot your password?', email: 'E-mail', password: 'Password', name: 'Name', code: 'Code of your authenticator',
    codeHint: 'Six digits from the app on your phone, or one of the codes you kept.', passwordHint: (n) => `At least ${n} characters.`, show: 'Show', hide: 'Hide',
    go: 'Sign in', make: 'Create account', send: 'Send the link', busy: 'One moment…',
    toUp: 'New here?', toIn: 'Have an account?', back: 'Back to sign in',
    forgotTitle: 'Set a new password', forgotText: 'We send a link to your address if there is an account for it.', sent: 'If there is an account for this address, a link is on its way. It is good for an hour.',
    confirm: 'We sent a link to your address. Open it, then sign in.',
    needEmail: 'Enter your e-mail address.', needPassword: (n) => `Enter at least ${n} characters.`, needName: 'Enter your name.', needCode: 'Enter the code.', need: 'Enter your password.',
  },
  account: {
    heading: 'Account', details: 'Details', name: 'Name', language: 'Language', languageHint: 'A language tag: en, de, pt-BR …', save: 'Save', saved: 'Saved.', level: 'Level', streams: { free: 'one stream at once', premium: 'two streams at once', family: 'five streams at once' }, email: 'E-mail', since: 'Since',
    password: 'Password', current: 'Present password', fresh: 'New password', change: 'Change password', changed: 'Your password is changed; other devices are signed out.', out: 'Sign out', outAll: 'Sign out on all devices', outTitle: 'Sign out on all devices?', outText: 'What plays elsewhere stops within minutes. You sign in again on each.', outYes: 'Sign out everywhere', stay: 'Stay signed in', devices: 'Devices', badLanguage: 'A language tag is 2 or 3 letters, with parts behind “-” if need be.',
  },
  history: {
    heading: 'Watch history', empty: ['Nothing watched yet', 'What you watch is listed here, and goes on where you stopped.'], remove: (name) => `Remove from history: ${name}`, clear: 'Clear history', clearTitle: 'Clear your whole history?',
    clearText: 'Positions are lost, and recommendations begin anew. This can’t be undone.', clearYes: 'Clear history', keep: 'Keep it', cleared: 'Your history is empty.', removed: (name) => `${name} was removed.`, undo: 'Undo', more: 'Show more', watched: 'Watched to the end', at: (now, all) => `${now} of ${all}`, loading: 'Loading your history…', find: 'Find something to watch',
  },
};
