// Builds elements without markup strings, so that no text of a file name or an answer can become markup.

/** `h('p', {class: 'note', onclick: f}, 'text', child)`: attributes by name, listeners by `on…`, properties by `.name`. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name.startsWith('.')) element[name.slice(1)] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const shapes = {
  play: 'M7 4.5v15l13-7.5z',
  pause: 'M6 4.5h4v15H6zM14 4.5h4v15h-4z',
  replay: 'M12 5V1.5L6.5 6 12 10.5V7a5.5 5.5 0 1 1-5.5 5.5h-2A7.5 7.5 0 1 0 12 5z',
  loud: 'M3 9v6h4l5 5V4L7 9zm12.5-1.3v8.6a5 5 0 0 0 0-8.6zm0-4.2v2.1a7 7 0 0 1 0 12.8v2.1a9 9 0 0 0 0-17z',
  mute: 'M3 9v6h4l5 5V4L7 9zm18.5.9-1.4-1.4-2.1 2.1-2.1-2.1-1.4 1.4 2.1 2.1-2.1 2.1 1.4 1.4 2.1-2.1 2.1 2.1 1.4-1.4-2.1-2.1z',
  settings: 'M19.4 13a7.6 7.6 0 0 0 0-2l2.1-1.6-2-3.5-2.5 1a7.5 7.5 0 0 0-1.7-1L15 3.2h-4l-.4 2.7a7.5 7.5 0 0 0-1.7 1l-2.5-1-2 3.5L6.6 11a7.6 7.6 0 0 0 0 2l-2.1 1.6 2 3.5 2.5-1c.5.4 1.1.7 1.7 1l.4 2.7h4l.4-2.7c.6-.3 1.2-.6 1.7-1l2.5 1 2-3.5zM13 15.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7z',
  full: 'M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z',
  small: 'M8 4h2v6H4V8h4zm6 0h2v4h4v2h-6zM4 14h6v6H8v-4H4zm10 0h6v2h-4v4h-2z',
  inset: 'M3 5h18v14H3zm2 2v10h14V7zm6 4h7v5h-7z',
  film: 'M4 4h16v16H4zm2 2v2h2V6zm10 0v2h2V6zM6 11v2h2v-2zm10 0v2h2v-2zM6 16v2h2v-2zm10 0v2h2v-2z',
  up: 'M11 20V8.8l-4.6 4.6L5 12l7-7 7 7-1.4 1.4L13 8.8V20z',
  done: 'M9.5 18 4 12.5l1.5-1.5 4 4L18.5 6 20 7.5z',
  alert: 'M12 2.5 23 21.5H1zm-1 7v5.5h2V9.5zm0 7.5v2h2v-2z',
  lock: 'M7 10V7.5a5 5 0 0 1 10 0V10h2v11H5V10zm2 0h6V7.5a3 3 0 0 0-6 0z',
  captions: 'M3 5h18v14H3zm2 2v10h14V7zm1.5 3h4.5v2H8.5v1H11v2H6.5zm6.5 0h4.5v2H15v1h2.5v2H13z',
  previous: 'M5 5h2.5v14H5zm14 0v14L8.5 12z',
  next: 'M5 5v14l10.5-7zm11.5 0H19v14h-2.5z',
  remove: 'M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7z',
  search: 'M10 3a7 7 0 1 1-4.9 2A7 7 0 0 1 10 3zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm5.7 9.3 5 5-1.4 1.4-5-5z',
  back: 'M15.5 4 17 5.5 10.5 12l6.5 6.5-1.5 1.5-8-8z',
  on: 'M8.5 4 7 5.5l6.5 6.5L7 18.5 8.5 20l8-8z',
  add: 'M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z',
  person: 'M12 3a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM3.5 21a8.5 7 0 0 1 17 0z',
  close: 'm6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z',
};

/** A decorative picture; the control around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', shapes[name]);
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}

/** Small things worth keeping on this device (volume, positions, recent lessons); never a key or a token. */
export const memory = {
  read(name, fallback) {
    try { return JSON.parse(localStorage.getItem(`reelgate.${name}`)) ?? fallback; } catch { return fallback; }
  },
  write(name, value) {
    try { localStorage.setItem(`reelgate.${name}`, JSON.stringify(value)); } catch { /* private window or full: go without */ }
  },
};
