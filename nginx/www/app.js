// Wires the parts of the page together: one view at a time, named by the address, loaded when it is first shown.
import { hasKey, keyName, session, setKey } from './lib/api.js';
import { follow, go, read, taskAddress } from './lib/route.js';
import { percent } from './lib/format.js';
import './parts/key.js';
import { remember } from './parts/recent.js';
import { offerShortcuts } from './parts/shortcuts.js';

const parts = { key: () => null, upload: () => import('./parts/upload.js'), task: () => import('./parts/task.js'), watch: () => import('./parts/lesson.js') };
const titles = { upload: 'Upload a lesson', task: 'Progress', watch: 'Watch' };
const view = (id) => document.getElementById(id);
const [gate, lesson, task, held] = [document.querySelector('rg-key'), document.querySelector('rg-lesson'), view('task').firstElementChild, view('held')];
let moved = false;

async function show(byHand, play = byHand) {
  const route = read(), name = hasKey() ? route.view : 'key';
  for (const link of document.querySelectorAll('header nav a')) {
    if (link.dataset.view === route.view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${titles[route.view]} · Reelgate`;
  held.hidden = !hasKey();
  held.firstElementChild.textContent = keyName();
  await parts[name]();
  if (name !== (hasKey() ? read().view : 'key')) return;
  for (const id of Object.keys(parts)) view(id).hidden = id !== name;
  if (name === 'task') task.setAttribute('task-id', route.task);
  else task.removeAttribute('task-id');
  if (name === 'watch') lesson.show(route, play);
  else lesson.hide?.();
  if (byHand) { scrollTo(0, 0); (name === 'key' ? view('api-key') : view('main')).focus({ preventScroll: true }); }
}

follow(() => { show(moved); moved = true; });
session.addEventListener('change', () => { gate.explain(null); show(true, false); });
held.lastElementChild.addEventListener('click', () => setKey(''));
offerShortcuts(view('keys'));
addEventListener('rg-sending', ({ detail: { part } }) => { view('sending').textContent = part === null ? '' : percent(part); });
addEventListener('rg-refused', ({ detail }) => {
  if (!['credentials_invalid', 'credentials_missing'].includes(detail.code)) return;
  setKey('');
  gate.explain(detail);
});
addEventListener('rg-sent', ({ detail }) => {
  remember(detail);
  if (read().view === 'upload') go(taskAddress(detail.task));
});
