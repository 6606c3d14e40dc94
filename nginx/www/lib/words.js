// Every sentence of the browse page, by key. What refusals say is in text.js.

export const words = {
  nav: { home: 'Home', history: 'History', favorites: 'My list', account: 'Account' },
  titles: { sign: 'Sign in', home: 'Home', search: 'Search', title: 'Title', play: 'Playing', history: 'History', favorites: 'My list', account: 'Account' },
  sign: {
    in: 'Sign in', up: 'Create an account', forgot: 'Forgot your password?', email: 'E-mail', password: 'Password', name: 'Name', code: 'Code of your authenticator',
    codeHint: 'Six digits from the app on your phone, or one of the codes you kept.', passwordHint: (n) => `At least ${n} characters.`, show: 'Show', hide: 'Hide',
    go: 'Sign in', make: 'Create account', send: 'Send the link', busy: 'One moment…',
    toUp: 'New here?', toIn: 'Have an account?', back: 'Back to sign in',
    forgotTitle: 'Set a new password', forgotText: 'We send a link to your address if there is an account for it.', sent: 'If there is an account for this address, a link is on its way. It is good for an hour.',
    confirm: 'We sent a link to your address. Open it, then sign in.',
    needEmail: 'Enter your e-mail address.', needPassword: (n) => `Enter at least ${n} characters.`, needName: 'Enter your name.', needCode: 'Enter the code.', need: 'Enter your password.',
  },
  rail: { loading: (name) => `Loading: ${name}`, more: (name) => `Forward in ${name}`, less: (name) => `Back in ${name}` },
  home: {
    heading: 'What to watch', go: 'Continue watching', trending: 'Trending now', personal: 'Picked for you', popular: (genre) => `Popular in ${genre}`, list: 'My list',
    empty: ['Nothing to watch yet', 'Titles appear here as soon as the first one is published.'],
  },
  tile: { series: 'Series', movie: 'Movie', episode: 'Episode', level: { premium: 'Premium', family: 'Family' }, left: (t) => `${t} left`, watched: 'Watched', rating: (n) => `${n} of 10` },
  search: {
    label: 'Search titles, people, genres', clear: 'Clear', found: (n, more) => n === 1 ? 'One title' : `${n}${more ? ' or more' : ''} titles`, none: (text) => text ? `Nothing found for “${text}”` : 'Nothing fits these filters',
    noneHint: 'Try another spelling, fewer words, or take a filter away.', filters: 'Filters', type: 'Kind', genre: 'Genre', year: 'Year', language: 'Language', sort: 'Sort by', any: 'All',
    sorts: { '': 'Best match', newest: 'Newest here', year: 'Year', rating: 'Rating', title: 'Title', views: 'Most watched' }, more: 'Show more', heading: 'Search', busy: 'Searching…',
  },
  title: {
    play: 'Play', resume: (t) => `Resume at ${t}`, again: 'Watch again', add: 'Add to my list', remove: 'On my list', added: 'Added to your list.', removed: 'Removed from your list.', cast: 'Cast', genres: 'Genres',
    more: 'Description', seasons: 'Seasons', season: (n) => `Season ${n}`, episode: (n) => `Episode ${n}`, similar: 'More like this', loading: 'Loading the title…', noVideo: 'This title isn’t ready to watch yet.',
    level: (name) => `Needs the level ${name}.`, yours: (name) => `Yours is ${name}.`, levels: { free: 'Free', premium: 'Premium', family: 'Family' }, noEpisodes: 'No episodes yet.', language: 'Language', views: (n) => `${n} views`, next: 'First episode',
  },
  play: { back: 'Back to the title', next: (name) => `Next: ${name}`, opening: 'Opening…' },
  history: {
    heading: 'Watch history', empty: ['Nothing watched yet', 'What you watch is listed here, and goes on where you stopped.'], remove: (name) => `Remove from history: ${name}`, clear: 'Clear history', clearTitle: 'Clear your whole history?',
    clearText: 'Positions are lost, and recommendations begin anew. This can’t be undone.', clearYes: 'Clear history', keep: 'Keep it', cleared: 'Your history is empty.', removed: (name) => `${name} was removed.`, undo: 'Undo', more: 'Show more', watched: 'Watched to the end', at: (now, all) => `${now} of ${all}`, loading: 'Loading your history…', find: 'Find something to watch',
  },
  favorites: { heading: 'My list', empty: ['Your list is empty', 'Add a title to it from its page.'], loading: 'Loading your list…' },
  account: {
    heading: 'Account', details: 'Details', name: 'Name', language: 'Language', languageHint: 'A language tag: en, de, pt-BR …', save: 'Save', saved: 'Saved.', level: 'Level', streams: { free: 'one stream at once', premium: 'two streams at once', family: 'five streams at once' }, email: 'E-mail', since: 'Since',
    password: 'Password', current: 'Present password', fresh: 'New password', change: 'Change password', changed: 'Your password is changed; other devices are signed out.', out: 'Sign out', outAll: 'Sign out on all devices', outTitle: 'Sign out on all devices?', outText: 'What plays elsewhere stops within minutes. You sign in again on each.', outYes: 'Sign out everywhere', stay: 'Stay signed in', devices: 'Devices', badLanguage: 'A language tag is 2 or 3 letters, with parts behind “-” if need be.',
  },
  offline: 'You are offline. What is on the page stays; the rest comes when the connection is back.',
};
