// Every sentence of the browse page, by key. What refusals say is in text.js.

export const words = {
  nav: { home: 'Home' },
  titles: { sign: 'Sign in', home: 'Home', search: 'Search', title: 'Title', play: 'Playing', history: 'History', favorites: 'My list', account: 'Account' },
  rail: { more: (name) => `Forward in ${name}`, less: (name) => `Back in ${name}` },
  home: {
    heading: 'What to watch', go: 'Continue watching', trending: 'Trending now', personal: 'Picked for you', popular: (genre) => `Popular in ${genre}`, list: 'My list',
    empty: ['Nothing to watch yet', 'Titles appear here as soon as the first one is published.'],
  },
  tile: { series: 'Series', movie: 'Movie', episode: 'Episode', level: { premium: 'Premium', family: 'Family' }, left: (t) => `${t} left`, watched: 'Watched' },
  search: {
    label: 'Search titles, people, genres', found: (n, more) => n === 1 ? 'One title' : `${n}${more ? ' or more' : ''} titles`, none: (text) => text ? `Nothing found for “${text}”` : 'Nothing fits these filters',
    noneHint: 'Try another spelling, fewer words, or take a filter away.', filters: 'Filters', type: 'Kind', genre: 'Genre', year: 'Year', language: 'Language', sort: 'Sort by', any: 'All',
    sorts: { '': 'Best match', newest: 'Newest here', year: 'Year', rating: 'Rating', title: 'Title', views: 'Most watched' }, more: 'Show more', heading: 'Search', busy: 'Searching…',
  },
  title: {
    play: 'Play', resume: (t) => `Resume at ${t}`, again: 'Watch again', add: 'Add to my list', remove: 'On my list', added: 'Added to your list.', removed: 'Removed from your list.', cast: 'Cast', genres: 'Genres',
    seasons: 'Seasons', season: (n) => `Season ${n}`, similar: 'More like this', loading: 'Loading the title…', noVideo: 'This title isn’t ready to watch yet.',
    level: (name) => `Needs the level ${name}.`, yours: (name) => `Yours is ${name}.`, levels: { free: 'Free', premium: 'Premium', family: 'Family' }, noEpisodes: 'No episodes yet.',
  },
  play: { back: 'Back to the title', next: (name) => `Next: ${name}`, opening: 'Opening…' },
  favorites: { heading: 'My list', empty: ['Your list is empty', 'Add a title to it from its page.'] },
  offline: 'You are offline. What is on the page stays; the rest comes when the connection is back.',
};
