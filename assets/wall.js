/* The life of a wall: asks a tiny tick, fetches the picture only when the data moved, keeps the age of every block in sight,
   draws a veil when it can no longer vouch for the numbers, and comes back by itself after a restart or an upgrade. */
(function () {
  'use strict';
  const wall = document.getElementById('wall');
  if (!wall) return;
  const words = JSON.parse(document.getElementById('wall-words').textContent);
  const set = JSON.parse(document.getElementById('wall-settings').textContent);
  const say = (key, fields) => Object.entries(fields || {}).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key] || key);
  const state = { model: null, seen: null, heard: performance.now(), skew: 0, wait: set.tick_ms, failed: 0, shown: new Set(), sound: false };
  const { el } = window.wallDraw;
  const find = name => wall.querySelector(`[data-part="${name}"]`);

  /* The business's wall clock, kept in step with the server's: all times are naive and handled as UTC on both sides. */
  const clock = () => new Date(Date.now() + state.skew);
  const stamp = text => Date.parse(text + 'Z');
  const two = n => String(n).padStart(2, '0');
  const hms = d => `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;

  async function ask(path) {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), set.timeout_ms);
    try {
      const response = await fetch(path, { signal: stop.signal, cache: 'no-store', credentials: 'same-origin', redirect: 'error', headers: { Accept: 'application/json' } });
      if (response.status === 401 || response.status === 403) { state.denied = true; throw new Error('denied'); }
      if (!response.ok) throw new Error(`status ${response.status}`);
      state.denied = false;
      return await response.json();
    } finally { clearTimeout(timer); }
  }

  async function beat() {
    try {
      const tick = await ask(set.tick_url);
      const seen = [tick.version, tick.alerts, tick.alerts_revision, tick.boot].join();   // data, alarms, or another start of the server
      const moved = seen !== state.seen || state.failed > 0 || newDay();
      if (moved || performance.now() - state.fetched > set.refresh_ms) await refresh(seen);
      state.heard = performance.now(); state.failed = 0; state.wait = set.tick_ms;
    } catch (error) {
      state.failed += 1;
      state.wait = Math.min(set.tick_ms * 2 ** Math.min(state.failed, 6), set.max_wait_ms);
    }
    veil();
    setTimeout(beat, state.wait * (.85 + .3 * Math.random()));
  }
  const newDay = () => state.model && state.model.today !== clock().toISOString().slice(0, 10) && state.model.mode === 'live';

  async function refresh(seen) {
    const model = await ask(set.model_url);
    if (model.app !== set.app) { location.reload(); return; }        // another build serves now: take its page whole
    state.skew = stamp(model.now) - Date.now();
    state.model = model; state.seen = seen; state.fetched = performance.now();
    draw();
  }

  function draw() {
    const m = state.model;
    find('title').textContent = m.title;
    find('sub').replaceChildren(...m.sub.map(part => part.strong ? el('b', {}, part.text) : part.text));
    const note = find('note'); note.textContent = m.note || ''; note.hidden = !m.note;
    alarms(m.alerts);                                                // first: the banner takes room from the blocks below
    for (const [name, data] of Object.entries(m.tiles)) {
      const tile = wall.querySelector(`[data-tile="${name}"]`);
      tile.querySelector('h2').textContent = data.title;
      window.wallDraw.tile(tile, data);
    }
    ages();
    wall.dataset.version = m.version;
    wall.setAttribute('aria-busy', 'false');
  }

  function alarms(list) {
    const bar = find('alarm'), worst = list[0];
    bar.hidden = !worst; wall.classList.toggle('quiet', !worst);
    if (!worst) { state.shown.clear(); return; }
    bar.dataset.severity = worst.severity;
    bar.replaceChildren(el('span', { class: 'badge' }, worst.badge), el('span', { class: 'what' }, worst.text), el('span', { class: 'since' }, worst.since));
    if (list.length > 1) bar.append(el('span', { class: 'more' }, say('more_alerts', { count: list.length - 1 })));
    const fresh = list.filter(alert => alert.severity === 'critical' && !state.shown.has(alert.id));
    state.shown = new Set(list.map(alert => alert.id));
    if (fresh.length && state.sound) beep();
  }

  /* Ages run on by themselves between refreshes, so a picture that stopped coming cannot look fresh. */
  function ago(seconds) {
    if (seconds < 60) return say('ago_seconds', { n: Math.max(0, Math.floor(seconds)) });
    if (seconds < 3600) return say('ago_minutes', { n: Math.floor(seconds / 60) });
    if (seconds < 172800) return say('ago_hours', { n: Math.floor(seconds / 3600) });
    return say('ago_days', { n: Math.floor(seconds / 86400) });
  }
  function ages() {
    const now = clock();
    find('clock').textContent = hms(now);
    const m = state.model;
    if (!m) return;
    for (const tile of wall.querySelectorAll('[data-tile]')) {
      const data = m.tiles[tile.dataset.tile], chip = tile.querySelector('.age');
      if (!data || !data.as_of) { chip.textContent = ''; tile.dataset.age = 'none'; continue; }
      const age = (now.getTime() - stamp(data.as_of)) / 1000;
      const live = m.mode === 'live';
      tile.dataset.age = !live ? 'past' : data.limit && age > data.limit ? 'stale' : data.late_after && age > data.late_after ? 'late' : 'fresh';
      chip.textContent = live ? ago(age) : data.as_of_text;
      tile.querySelector('.stale-note').textContent = tile.dataset.age === 'stale' ? say('tile_stale', { ago: ago(age), time: data.as_of_text }) : '';
    }
    freshness(m);
  }
  function freshness(m) {
    const box = find('fresh');
    box.dataset.level = m.fresh.level;
    const text = box.querySelector('.through'); if (text.textContent !== m.fresh.text) text.textContent = m.fresh.text;
    box.querySelector('.late').textContent = m.fresh.late;
  }

  function veil() {
    const silent = (performance.now() - state.heard) / 1000, lost = silent > set.lost_seconds || state.denied;
    const box = document.getElementById('wall-veil');
    wall.classList.toggle('lost', lost);
    box.hidden = !lost;
    if (!lost) return;
    const since = hms(new Date(clock().getTime() - silent * 1000));
    box.querySelector('p').textContent = say(state.denied ? 'veil_denied' : 'veil_lost', { time: since });
    box.querySelector('small').textContent = say(state.denied ? 'veil_denied_more' : 'veil_lost_more', { ago: ago(silent) });
  }

  /* Sound only after a click: browsers demand it, and so do the people who sit under the wall. */
  let audio = null;
  function beep() {
    if (!audio) return;
    [0, .28].forEach(delay => {
      const tone = audio.createOscillator(), gain = audio.createGain(), at = audio.currentTime + delay;
      tone.frequency.value = 880; gain.gain.setValueAtTime(.0001, at); gain.gain.exponentialRampToValueAtTime(.25, at + .02); gain.gain.exponentialRampToValueAtTime(.0001, at + .22);
      tone.connect(gain).connect(audio.destination); tone.start(at); tone.stop(at + .24);
    });
  }
  find('sound').addEventListener('click', event => {
    audio = audio || new (window.AudioContext || window.webkitAudioContext)();
    state.sound = !state.sound;
    event.currentTarget.setAttribute('aria-pressed', state.sound);
    if (state.sound) { audio.resume(); beep(); }
  });
  find('full').addEventListener('click', () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());

  /* Burn-in: the picture wanders over a few pixels, slower than an eye notices. */
  const steps = [[0, 0], [2, 0], [2, 2], [0, 2], [-2, 2], [-2, 0], [-2, -2], [0, -2], [2, -2]];
  let step = 0;
  setInterval(() => { step = (step + 1) % steps.length; wall.style.transform = `translate(${steps[step][0]}px, ${steps[step][1]}px)`; }, set.shift_ms);

  let idle = 0;
  addEventListener('mousemove', () => { document.documentElement.classList.remove('idle'); clearTimeout(idle); idle = setTimeout(() => document.documentElement.classList.add('idle'), 4000); });
  let resized = 0;
  addEventListener('resize', () => { clearTimeout(resized); resized = setTimeout(() => state.model && draw(), 120); });
  if (navigator.wakeLock) navigator.wakeLock.request('screen').catch(() => {});
  setInterval(() => { ages(); veil(); }, 1000);
  ages();
  beat();
})();
