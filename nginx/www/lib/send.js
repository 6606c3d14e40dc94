// Sends a lesson: beside api.js the only place that talks to the server, as `fetch` doesn't tell how much has left.
import { Refusal, refusal, withKey } from './api.js';

/** Sends a lesson as multipart. `progress(sent, total)` counts the file's bytes on the wire. */
export function sendLesson(fields, file, { progress, signal }) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) body.append(name, value);
  body.append('video', file, file.name);
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', '/upload/lesson');
    for (const [name, value] of Object.entries(withKey())) call.setRequestHeader(name, value);
    call.upload.onprogress = (event) => progress(Math.min(event.loaded, file.size), file.size);
    call.onload = () => {
      if (call.status !== 202) reject(refusal(call.status, call.responseText, (name) => call.getResponseHeader(name)));
      else try { resolve(JSON.parse(call.responseText)); } catch { reject(new Refusal('unreachable', { status: 202 })); }
    };
    call.onerror = () => reject(new Refusal(navigator.onLine ? 'unreachable' : 'offline'));
    call.onabort = () => reject(new Refusal('aborted'));
    signal.addEventListener('abort', () => call.abort(), { once: true });
    call.send(body);
  });
}
