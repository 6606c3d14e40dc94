// Every sentence a person reads, by key: what happened, then what one can do.

/** The product's codes: the same list as `Refusal` in Sources/Platform/Core/Refusal.swift (a test compares them). */
export const refusals = {
  token_missing: ['This lesson asks for a token', 'Open it again from the page that offers it.'],
  token_malformed: ['The token for this lesson can’t be read', 'Open the lesson again to get a new one.'],
  token_signature: ['The token for this lesson isn’t genuine', 'Open the lesson again to get a new one.'],
  token_key: ['The token was signed with a key this server doesn’t know', 'Open the lesson again to get a new one.'],
  token_expired: ['The time to watch has run out', 'Try again to go on where you stopped.'],
  token_not_yet: ['This lesson can’t be watched yet', 'Check that this device’s clock is right, then try again.'],
  token_type: ['This token is for something else', 'Open the lesson again to get one for watching.'],
  rel: ['The token is for another lesson', 'Open this lesson itself to get the right one.'],
  platform: ['The token is for another kind of player', 'Open the lesson again on this device.'],
  transport: ['The token can’t be used this way', 'Open the lesson again on this device.'],
  referrer: ['This site may not show the lesson', 'Open it on the site it belongs to.'],
  referrer_missing: ['The lesson can’t tell which site shows it', 'A privacy setting or extension hides the site; allow it here, then try again.'],
  path: ['There is no such address', 'Check the link.'],
  revoked: ['Playback was ended', 'Ask whoever runs the course.'],
  limit_streams: ['Playing on other devices', 'Stop it there, wait a minute, then try again.'],
  limit_devices: ['Too many devices', 'Watch on one of the devices you used before, or ask whoever runs the course.'],
  limit_plays: ['Watched as often as allowed', 'Ask whoever runs the course for another viewing.'],
  address: ['You changed networks', 'Open the lesson again to go on from here.'],
  country: ['Not available in your country', 'Ask whoever runs the course.'],
  agent: ['This program can’t play the lesson', 'Use an ordinary browser.'],
  suspended: ['The account is suspended', 'Ask whoever runs the course.'],
  not_entitled: ['You don’t have access to this lesson', 'Sign in with the account that has it, or ask whoever runs the course.'],
  paced: ['Fetched faster than it can be watched', 'Wait a moment; it goes on by itself.'],
  gate_unavailable: ['The server can’t answer at the moment', 'It goes on by itself as soon as it can.'],
  api_unavailable: ['The server can’t answer at the moment', 'Try again in a few seconds.'],
  method: ['The server doesn’t take this kind of request here', 'Reload the page and try again.'],
  not_found: ['Nothing was found here', 'Check the address; it may have been removed.'],
  not_ready: ['The lesson is still being made', 'It plays as soon as the first part is ready.'],
  credentials_missing: ['An API key is needed', 'Enter one to go on.'],
  credentials_invalid: ['This API key isn’t valid', 'Check it for missing characters, or make a new one.'],
  scope: ['This API key may not do this', 'Use one with the scopes “upload” and “tokens”.'],
  too_many: ['Too many requests', 'Wait a minute, then try again.'],
  bad_request: ['The server couldn’t make sense of the request', 'Check what you entered and try again.'],
  media_type: ['The server doesn’t take this kind of content', 'Reload the page and try again.'],
  field_missing: ['Something is missing', 'Fill in every field and try again.'],
  file_missing: ['No file arrived', 'Choose the video again.'],
  file_type: ['This isn’t a video of the kind its name says', 'Choose an MP4, MOV, MKV, WebM, AVI, WMV, FLV, MPG or TS file; renaming another type doesn’t help.'],
  too_large: ['The file is larger than this server takes', 'Choose a smaller one, or ask for a higher limit.'],
  no_room: ['The server is full', 'Ask its operator to make room, then try again.'],
  conflict: ['That can’t be done any more', 'Look at the present state first.'],
  range: ['That part of the file doesn’t exist', 'Try again from the start.'],
  internal: ['Something went wrong on the server', 'Try again; if it stays, pass on the request id.'],
  not_media: ['This file can’t be read as a video', 'Check that it plays on your device, or export it again.'],
  truncated: ['The file is cut off', 'Copy or export it again, then upload the whole file.'],
  no_streams: ['The file has neither picture nor sound', 'Choose another file.'],
  codec: ['The video’s coding isn’t supported', 'Export it as H.264 with AAC sound, then upload that.'],
  encrypted: ['The file is encrypted', 'Upload a copy without protection.'],
  pixels: ['The picture is too large', 'Export it at 4K or less.'],
  streams: ['The file has too many tracks', 'Export it with one picture and one sound track.'],
  duration: ['The video is too long, or its times make no sense', 'Export it again, in parts if need be.'],
  frames: ['The video has too many pictures', 'Export it again, in parts if need be.'],
  output: ['The result would be too large', 'Upload the video in parts.'],
  helper_failed: ['The video could not be processed', 'Try again; if it fails once more, export the video again.'],
  helper_timeout: ['Processing took too long', 'Try again when the server has less to do.'],
  sign_in_failed: ['The e-mail address or the password isn’t right', 'Try again, or choose a new password by mail.'],
  password_wrong: ['Your present password isn’t right', 'Type it again, or choose a new one by mail.'],
  totp_required: ['A code is needed as well', 'Type the six digits that your authenticator shows.'],
  totp_invalid: ['The code isn’t right', 'Wait for the next one, then type that.'],
  refresh_invalid: ['You have been signed out', 'Sign in again.'],
  account_disabled: ['This account is closed', 'Ask whoever runs this site.'],
  email_unverified: ['Your e-mail address isn’t confirmed yet', 'Open the link in the mail we sent you.'],
  email_taken: ['There is an account with this address already', 'Sign in, or choose a new password by mail.'],
  registration_closed: ['Accounts aren’t made here', 'Ask whoever runs this site for one.'],
  link_invalid: ['The link has been used or has expired', 'Ask for a new one.'],
  captions_language: ['This isn’t the tag of a language', 'Write it as en, de or pt-BR.'],
  captions_format: ['These captions can’t be read', 'Choose an SRT or WebVTT file; the message says which line is wrong.'],
  captions_time: ['A caption has a time that can’t be', 'Correct the line that the message names, then try again.'],
  captions_amount: ['There are too many captions', 'Use at most 20,000 cues in 2 MB.'],
  superseded: ['A newer upload took this one’s place', 'Follow the newer one.'],
  cancelled: ['Processing was stopped', 'What plays already stays; upload the file again for the rest.'],
  callback_url: ['The callback’s address can’t be used', 'The lesson isn’t touched by this.'],
  callback_address: ['The callback’s address isn’t public', 'The lesson isn’t touched by this.'],
  callback_failed: ['The callback wasn’t accepted', 'The lesson isn’t touched by this.'],
  refused: ['That isn’t allowed', 'Ask whoever runs the course.'],
};

/** What only a page can know. */
export const local = {
  offline: ['You are offline', 'It goes on when the connection is back.'],
  unreachable: ['The server can’t be reached', 'Check the connection, then try again.'],
  timeout: ['The server takes too long to answer', 'Try again in a moment.'],
  aborted: ['Stopped', 'Start again whenever you like.'],
  media: ['This device can’t play the video', 'Try another browser, or another quality.'],
  player: ['The player could not be loaded', 'Reload the page.'],
};

/** What happened and what to do, for any code. */
export const explain = (code) => refusals[code] ?? local[code] ?? refusals.refused;

/** The steps of a task, in the words of the person who waits. */
export const stages = {
  queued: 'Waiting for its turn', checking: 'Checking the file', packaging: 'Preparing the first version',
  encoding: 'Making quality levels', no_room: 'Waiting for room on the disk', publishing: 'Publishing', done: 'Ready',
};
export const stage = (name) => stages[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

export const states = {
  queued: 'waiting', running: 'being made', growing: 'plays', done: 'ready', dropped: 'not needed', unmade: 'not made',
};

export const words = {
  code: 'Code', requestId: 'Request id', copy: 'Copy', copied: 'Copied', again: 'Try again',
  account: {
    reset: 'The password was changed. Sign in with it now.', verify: 'Your address is confirmed.',
    ask: 'If the address has an account, a mail with a link is on its way to it.',
  },
  key: { checking: 'Checking…', go: 'Continue', empty: 'Paste the key first.', held: 'Key', forget: 'Forget', forgotten: 'The key is forgotten.' },
  upload: {
    drop: 'Drop a video here', choose: 'Choose a file', other: 'Choose another', send: 'Upload lesson', cancel: 'Cancel upload',
    types: 'MP4, MOV, MKV, WebM, AVI, WMV, FLV, MPG or TS', one: 'One file at a time: the first was taken.', noFile: 'Choose a video first.',
    empty: 'The file is empty.', type: (name) => `“${name}” isn’t one of the accepted types.`,
    title: 'Title', trainer: 'Trainer id', course: 'Course id', module: 'Module id', lesson: 'Lesson id', where: 'Will play at',
    id: 'Letters, digits, “-” and “_”; starts with a letter or digit; at most 64.', reserved: '“library” is kept for the video library.',
    sending: 'Uploading', sent: 'Sent; the server is checking the file…', stopped: 'The upload was stopped; nothing was kept.',
    details: 'Where it belongs', at: (part) => `${part} uploaded`,
  },
  task: {
    title: 'Progress', loading: 'Looking for the task…', heading: { queued: 'Waiting', running: 'Processing', done: 'Ready', failed: 'It didn’t work', cancelled: 'Stopped' },
    received: 'Received', checked: 'Checked', playable: 'Playable', complete: 'All qualities', watch: 'Watch now', stop: 'Stop processing',
    another: 'Upload another', none: 'The quality levels appear here once the file is checked.', lost: (s) => `No connection; asking again in ${s} s.`,
    stopTitle: 'Stop processing?', stopText: 'What already plays stays; if nothing does yet, the upload is removed.', keep: 'Keep going',
    kinds: { audio: 'Sound', captions: 'Captions', iframes: 'Pictures for fast search', images: 'Pictures of the seek bar', poster: 'Poster', chapters: 'Chapters' },
    speed: (pace) => `${pace} as fast as it plays`, original: 'as uploaded', ready: (name) => `${name} is ready`, nowPlayable: 'Ready to watch', all: 'All quality levels are ready', levels: 'Quality levels',
  },
  captions: {
    title: 'Captions', none: 'No captions yet.', add: 'Add captions', file: 'File (SRT or WebVTT)', language: 'Language', label: 'Name (if not just the language)', send: 'Add',
    languageHint: 'A language tag: en, de, pt-BR …', badLanguage: 'A language tag is 2 or 3 letters, with parts behind “-” if need be.', noFile: 'Choose an SRT or VTT file first.',
    large: 'The file is too large for captions.', remove: (name) => `Remove captions: ${name}`, removeTitle: (name) => `Remove the captions “${name}”?`, removeText: 'Viewers no longer see them. Upload the file again to bring them back.',
    removeYes: 'Remove', keep: 'Keep', sent: (name) => `${name} was taken; it joins the player by itself.`, gone: (name) => `${name} was removed.`, loading: 'Looking for captions…', making: 'being made', embedded: 'from the file',
  },
  recent: { title: 'Recent on this device', empty: 'Lessons you upload here are listed so that you find them again.', watch: 'Watch', progress: 'Progress' },
  watch: {
    title: 'Watch a lesson', hint: 'Enter its address, or choose one you uploaded here.', other: 'Watch another',
    rel: 'Lesson', relHint: 'trainer/course/module/lesson', user: 'Watching as', open: 'Open', bad: 'A lesson is trainer/course/module/lesson.',
  },
  player: {
    label: 'Video player', play: 'Play', pause: 'Pause', replay: 'Watch again', mute: 'Mute', unmute: 'Unmute', volume: 'Volume', seek: 'Seek',
    settings: 'Settings', full: 'Full screen', unfull: 'Leave full screen', inset: 'Picture in picture', quality: 'Quality', auto: 'Auto',
    speed: 'Speed', normal: 'Normal', sound: 'Sound', stats: 'Statistics', keys: 'Keyboard shortcuts', resumed: (t) => `Resumed at ${t}`,
    over: 'Start over', added: (name) => `${name} is available now`, reconnect: 'Reconnecting…', close: 'Close', native: 'Chosen by the device',
    position: (now, all) => `${now} of ${all}`,
    captions: 'Captions', off: 'Off', captionsOff: 'Captions off', captionsOn: (name) => `Captions: ${name}`, noCaptions: 'No captions here',
    size: 'Caption size', sizes: { small: 'Small', normal: 'Normal', large: 'Large' },
    chapters: 'Chapters', previous: 'Previous chapter', next: 'Next chapter',
  },
  stats: {
    rung: 'Playing', next: 'Loading', buffer: 'Buffer', bandwidth: 'Bandwidth', frames: 'Dropped frames', stalls: 'Stalls', start: 'Start-up',
    session: 'Session', token: 'Token renews', transport: 'Transport', viewport: 'Viewport', mse: 'hls.js, token in a header', path: 'native, token in the path',
  },
  shortcuts: [
    ['Space, K', 'Play or pause'], ['J, L', '10 seconds back or on'], ['← →', '5 seconds back or on'], ['↑ ↓', 'Volume'], ['0 – 9', 'Jump to that tenth'],
    [', .', 'One picture back or on, while paused'], ['< >', 'Slower or faster'], ['M', 'Mute'], ['C', 'Captions'], ['Shift ← →', 'Previous or next chapter'], ['F', 'Full screen'], ['P', 'Picture in picture'],
    ['S', 'Settings'], ['I', 'Statistics'], ['?', 'This list'],
  ],
};
