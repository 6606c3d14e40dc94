// Where one is among the titles, as the address says it.

export const kinds = ['', 'movie', 'series', 'episode'];

/** The view of an address and its parameters. */
export function read(address = location) {
  const query = new URLSearchParams(address.search), value = (name) => query.get(name) ?? '';
  if (query.has('play')) return { view: 'play', id: value('play') };
  if (query.has('title')) return { view: 'title', id: value('title') };
  if (['q', 'genre', 'type', 'year', 'language', 'sort'].some((name) => query.has(name)))
    return { view: 'search', search: value('q'), genre: value('genre'), type: kinds.includes(value('type')) ? value('type') : '', year: /^\d{4}$/.test(value('year')) ? value('year') : '', language: value('language'), sort: value('sort') };
  for (const view of ['history', 'favorites', 'account']) if (query.has(view)) return { view };
  return { view: 'home' };
}

export const titleAddress = (id) => `/browse?title=${encodeURIComponent(id)}`;
export const playAddress = (id) => `/browse?play=${encodeURIComponent(id)}`;

/** The address of a search; what is empty is left out. */
export function searchAddress({ search, ...filters }) {
  const query = new URLSearchParams([['q', search ?? ''], ...Object.entries(filters).filter(([, value]) => value)]);
  return `/browse?${query}`;
}
