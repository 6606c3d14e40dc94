// Where one is, as the address says it: `/` uploads, `/?task=<id>` follows, `/?watch=<rel>` plays.

/** The view of an address and its parameters. */
export function read(address = location) {
  const query = new URLSearchParams(address.search);
  if (query.has('watch')) return { view: 'watch', rel: query.get('watch'), task: query.get('task'), user: query.get('user') };
  if (query.has('task')) return { view: 'task', task: query.get('task') };
  return { view: 'upload' };
}

export const taskAddress = (id) => `/?task=${encodeURIComponent(id)}`;

export function watchAddress(rel, { task, user } = {}) {
  const query = [['watch', rel], ['task', task], ['user', user]].filter(([, value]) => value)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2F', '/')}`);
  return `/?${query.length ? query.join('&') : 'watch='}`;
}

/** Moves to an address of these pages without loading them again, so that what memory holds stays. */
export function go(address, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  dispatchEvent(new Event('rg-route'));
}

/** Calls `show` now and whenever the address changes; plain clicks on our own links move without a reload. */
export function follow(show) {
  addEventListener('popstate', () => show(read()));
  addEventListener('rg-route', () => show(read()));
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target) return;
    const address = new URL(link.href);
    if (address.origin !== location.origin || address.pathname !== location.pathname || address.hash) return;
    event.preventDefault();
    go(address.pathname + address.search);
  });
  show(read());
}
