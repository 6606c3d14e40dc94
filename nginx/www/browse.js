// Wires the browse page together: one view at a time, named by the address, loaded when it is first shown; without a sign-in
// only the form for one.
import { account, known, signedIn } from './lib/account.js';
import { read } from './lib/places.js';
import { follow } from './lib/route.js';
import { words } from './lib/words.js';
import './parts/search.js';
import { offerShortcuts } from './parts/shortcuts.js';

const parts = { sign: () => import('./parts/sign.js'), home: () => import('./parts/home.js'), search: () => import('./parts/results.js'), title: () => import('./parts/title.js'), play: () => import('./parts/theatre.js'),
  favorites: () => import('./parts/favorites.js'), history: () => import('./parts/history.js'), account: () => import('./parts/person.js') };
const elements = { sign: 'rg-sign', home: 'rg-home', search: 'rg-results', title: 'rg-title', play: 'rg-theatre', favorites: 'rg-favorites', history: 'rg-history', account: 'rg-person' };
const element = (name) => document.querySelector(elements[name]);
const search = document.querySelector('rg-search'), main = document.querySelector('main'), banner = document.querySelector('.banner');
/** `missed`: a view's own files couldn't be had. */
let shown = '', moved = false, missed = false;

async function show(byHand, play = byHand) {
  const place = read(), name = signedIn() ? place.view : 'sign';
  for (const one of document.querySelectorAll('.member')) one.hidden = name === 'sign';
  for (const link of document.querySelectorAll('header nav a')) {
    if (link.dataset.view === name) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  }
  document.title = `${words.titles[name]} · Reelgate`;
  try { await parts[name](); } catch { missed = true; line(words.offline); return; }
  if (name !== (signedIn() ? read().view : 'sign')) return;
  for (const other of Object.keys(parts)) {
    if (other !== name && !element(other).hidden) element(other).hide?.();
    element(other).hidden = other !== name;
  }
  search.show(place);
  if (name !== 'sign') element(name).show(read(), play);
  else if (shown !== 'sign') element('sign').show('in');
  const same = shown === name && name === 'search';
  shown = name;
  if (byHand && !same) { scrollTo(0, 0); if (!search.contains(document.activeElement)) main.focus({ preventScroll: true }); }
}

await known;
follow(() => { show(moved); moved = true; });
account.addEventListener('change', () => { if (!signedIn()) for (const name of Object.keys(parts)) if (name !== 'sign') element(name).hide?.(); show(true, false); });
offerShortcuts(document.getElementById('keys'), [['/', words.titles.search]]);
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, textarea, select') || !search.checkVisibility() || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  search.input.focus();
});
addEventListener('offline', () => line(words.offline));
addEventListener('online', () => {
  if (missed) return location.reload();
  line('');
  if (signedIn() && document.querySelector('main > :not([hidden]) .notice')) show(false);
});
function line(sentence) {
  banner.hidden = !sentence;
  banner.textContent = sentence;
}
